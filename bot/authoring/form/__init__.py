"""The plain form: a brief as five texts that somebody can type on a phone, and the YAML file that is written from it.

Pure: `fields` reads what was typed, `written` makes a new file of it, `merged` changes an existing one, and `mistakes`
says what is wrong in words of the form.
"""
