"""Words of a question that say nothing of what it is about, in the languages that have a stemmer."""

from bot.function_words import FUNCTION_WORDS

_ENGLISH = """actually all anymore anyone arent ask asked asking brb cant could couldnt currently detail details didnt
    doesnt     dont everything exactly explain explained explanation get give gonna got guys hadnt hasnt have
    havent hear heard     hello help hey hi hmm hows ill im info information isnt its ive just know latest
    like lmao lol may mean meaning     means need news nope now ok okay omg pardon please pls plz question
    questions quick read really regarding said     say saying says see shouldnt show someone something sorry
    stuff sup sure tell thank thanks thats theres theyre     theyve thing things think thx today um update
    updates wanna want wasnt well were werent weve whats whens wheres     whos whys wondering wont would
    wouldnt yeah yep yo youre"""

_NEGATIONS = """arent cannot cant couldnt didnt doesnt dont hadnt hasnt havent isnt neither never nor not shouldnt wasnt
    werent without wont wouldnt"""
"""Function words that make another question of one."""

_BY_LANGUAGE: dict[str, str] = {}


def fillers(language: str) -> frozenset[str]:
    """Return the fillers of a language of the stemmer, with those of English, which servers of all languages use."""
    english = (FUNCTION_WORDS | frozenset(_ENGLISH.split())) - frozenset(_NEGATIONS.split())
    return english | frozenset(_BY_LANGUAGE.get(language, "").split())
