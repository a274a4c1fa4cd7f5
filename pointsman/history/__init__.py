"""The demo's history: ninety days of a town of merchants, made by the switch's own code.

Cores decide what people did (chance, town, story, calendar) and drive the life of each payment
(rerun); one shell writes it through the journal's verbs and settles the days (filling).
"""
