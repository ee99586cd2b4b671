"""Sheets: the duty log as CSV and XLSX, and the hand-over sheet of a shift as PDF, in the trade's form."""
