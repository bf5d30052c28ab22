"""One event loop, a task for each request (aiohttp), and a pool of PostgreSQL connections (asyncpg).

With BACK_PORT set it asks a second instance too, over POOL keep-alive connections. Paths as in threads.py; /pages/N asks
the second instance three times at once.
"""

import asyncio
import os
import secrets

import aiohttp
import asyncpg
from aiohttp import web

BACK_PORT = os.environ.get("BACK_PORT")
SIZE = int(os.environ.get("POOL", "4"))


def call_context(received):
    """traceparent and b3 of one call; see trace-context.mjs."""
    trace, parent = received
    span = secrets.token_hex(8)
    return f"00-{trace}-{span}-01", f"{trace}-{span}-1-{parent}"


async def query(app, received, sql):
    traceparent, b3 = call_context(received)
    return await app["pool"].fetchrow(f"{sql} /*b3='{b3}',traceparent='{traceparent}'*/")


async def ask_back(app, received, path):
    traceparent, b3 = call_context(received)
    headers = {"traceparent": traceparent, "b3": b3}
    async with app["session"].get(f"http://127.0.0.1:{BACK_PORT}{path}", headers=headers) as response:
        return await response.json()


async def order(app, received, number):
    product = await query(app, received, f"SELECT name, price FROM product WHERE id = {number}")
    if product is None:
        return 404, {"error": f"no product {number}"}
    await asyncio.sleep(number % 4 / 1000)
    back, reviews = await asyncio.gather(
        ask_back(app, received, f"/visits/{number}") if BACK_PORT else asyncio.sleep(0, {}),
        query(app, received, f"SELECT count(*) FROM review WHERE product_id = {number}"),
    )
    return 200, {**dict(product), "reviews": reviews["count"], **back}


async def page(app, received, number):
    if not BACK_PORT:
        return 200, []
    return 200, await asyncio.gather(*(ask_back(app, received, f"/orders/{number + n}") for n in range(3)))


async def visit(app, received, number):
    row = await query(app, received, f"SELECT avg(stars)::float AS stars FROM review WHERE product_id = {number}")
    return 200, dict(row)


WORK = {"orders": order, "pages": page, "visits": visit}


async def handle(request):
    _, trace, span, _ = request.headers["traceparent"].split("-")
    kind, _, number = request.path[1:].partition("/")
    if kind not in WORK or not number.isdigit():
        return web.json_response({"error": "no such page"}, status=404)
    status, body = await WORK[kind](request.app, (trace, span), int(number))
    return web.json_response(body, status=status)


async def connections(app):
    database = {"host": "127.0.0.1", "port": int(os.environ["POSTGRES_PORT"]), "user": "shop", "database": "postgres"}
    app["pool"] = await asyncpg.create_pool(**database, min_size=SIZE, max_size=SIZE, statement_cache_size=0)
    app["session"] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=SIZE))
    yield
    await app["session"].close()
    app["pool"].terminate()


app = web.Application()
app.cleanup_ctx.append(connections)
app.router.add_get("/{anything:.*}", handle)
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None)
