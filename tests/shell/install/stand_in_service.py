"""Says that it is ready, on the port given; or, told to be broken, says why and ends."""

import http.server
import os
import sys


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()


if os.environ.get("STAND_IN_BROKEN"):
    sys.exit("the reason why it is broken")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answers).serve_forever()
