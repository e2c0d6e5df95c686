"""What the project works with besides the bot itself: a stand-in for Discord, and the pictures in the documents."""
