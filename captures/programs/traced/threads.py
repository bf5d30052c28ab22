"""A thread for each connection, and a pool of PostgreSQL connections. With BACK_PORT set it asks a second instance too.

/orders/N   one statement, the second instance, another statement      /pages/N   the second instance three times
/visits/N   one statement                                              anything else is not there
"""

import http.client
import json
import os
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2.pool

BACK_PORT = os.environ.get("BACK_PORT")
SIZE = int(os.environ.get("POOL", "4"))

pool = psycopg2.pool.ThreadedConnectionPool(
    SIZE, SIZE, host="127.0.0.1", port=int(os.environ["POSTGRES_PORT"]), user="shop", dbname="postgres"
)
free = threading.Semaphore(SIZE)
local = threading.local()


def call_context(trace, received):
    """traceparent and b3 of one call; see trace-context.mjs."""
    span = secrets.token_hex(8)
    return f"00-{trace}-{span}-01", f"{trace}-{span}-1-{received}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def query(self, sql):
        traceparent, b3 = call_context(*self.context)
        with free:
            connection = pool.getconn()
            try:
                connection.autocommit = True
                with connection.cursor() as cursor:
                    cursor.execute(f"{sql} /*b3='{b3}',traceparent='{traceparent}'*/")
                    return cursor.fetchone()
            finally:
                pool.putconn(connection)

    def ask_back(self, path):
        traceparent, b3 = call_context(*self.context)
        if not hasattr(local, "back"):
            local.back = http.client.HTTPConnection("127.0.0.1", int(BACK_PORT))
        local.back.request("GET", path, headers={"traceparent": traceparent, "b3": b3})
        return json.loads(local.back.getresponse().read())

    def order(self, number):
        product = self.query(f"SELECT name, price FROM product WHERE id = {number}")
        if product is None:
            return 404, {"error": f"no product {number}"}
        time.sleep(number % 4 / 1000)
        back = self.ask_back(f"/visits/{number}") if BACK_PORT else {}
        (reviews,) = self.query(f"SELECT count(*) FROM review WHERE product_id = {number}")
        return 200, {"name": product[0], "price": product[1], "reviews": reviews, **back}

    def page(self, number):
        return 200, [self.ask_back(f"/orders/{number + n}") for n in range(3)] if BACK_PORT else []

    def visit(self, number):
        (stars,) = self.query(f"SELECT avg(stars)::float FROM review WHERE product_id = {number}")
        return 200, {"stars": stars}

    def do_GET(self):
        _, trace, span, _ = self.headers["traceparent"].split("-")
        self.context = (trace, span)
        kind, _, number = self.path[1:].partition("/")
        work = {"orders": self.order, "pages": self.page, "visits": self.visit}.get(kind)
        status, body = work(int(number)) if work and number.isdigit() else (404, {"error": "no such page"})
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 256


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
