"""Pictures of what the bot says on Discord, drawn for the documents from what it really sends."""
