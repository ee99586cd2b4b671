"""Aftercare (回访): the desk calls back after a matter was handled, by the trade's table, and asks how it was."""
