"""The menus as people change them: drafts, versions with who and when, activation, the way back."""
