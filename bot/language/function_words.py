"""English words that connect other words and do not tell what a text is about."""

FUNCTION_WORDS = frozenset(
    """a about above according across after again against all almost along already also although amid among an and
    another any anybody anyone anything are around as at away because been before behind being below beside besides
    between beyond both but by can cannot could despite did do does done down during each either else enough even ever
    every everybody everyone everything except few for from further had half has have having he hence her here hers him
    his how however i if in indeed inside instead into is it its just last later least less like many me meanwhile
    might mine more moreover most much must my near neither never nevertheless next no nobody none nor not nothing now
    of off often on once one only onto or other others our outside over own per perhaps rather same shall she should
    since so some somebody someone something soon still such than that the their them then there thereby therefore these
    they this those though through throughout thus till to today together too toward towards under unless unlike until
    up upon us very via was we were what whatever when whenever where whereas whether which while who whoever whom whose
    why will with within without would yes yet you your""".split()
)
"""English's closed classes: articles, pronouns, prepositions, conjunctions, auxiliaries, and adverbs that join."""
