"""The administration of the brief base on Discord.

`gate` decides who may act before anything else happens, and each desk serves one part of the work.
"""
