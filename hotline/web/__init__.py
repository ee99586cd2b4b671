"""The only room that knows HTTP: the pages of the duty desk, the JSON API, the live socket, health and figures.

In order: `server` puts the application together from the route table, `answers` turns every error into an answer,
`auth` lets people and machines in, `pages` and `api*` answer, `hub` tells the browsers what changed.
"""
