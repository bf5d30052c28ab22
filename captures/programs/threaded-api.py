"""A threaded server, one thread and one PostgreSQL connection per client connection: what thread causality is made for."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2

local = threading.local()


def database():
    if not hasattr(local, "connection"):
        local.connection = psycopg2.connect(
            host="127.0.0.1", port=int(os.environ["POSTGRES_PORT"]), user="shop", dbname="postgres"
        )
        local.connection.autocommit = True
    return local.connection.cursor()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        identifier = self.path.rsplit("/", 1)[-1]
        cursor = database()
        try:
            cursor.execute("SELECT name, price FROM product WHERE id = %s" % int(identifier))
            row = cursor.fetchone()
            cursor.execute("SELECT count(*) FROM review WHERE product_id = %s" % int(identifier))
            reviews = cursor.fetchone()[0]
            status, body = (200, {"name": row[0], "price": row[1], "reviews": reviews}) if row else (404, {})
        except Exception as error:
            status, body = 500, {"error": str(error).strip()}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
