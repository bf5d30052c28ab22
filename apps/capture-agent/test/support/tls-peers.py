# A TLS server in a thread and its client, through sockets that OpenSSL reads and writes itself, or through memory (asyncio).
import asyncio
import socket
import ssl
import sys
import threading

key, cert, how = sys.argv[1:]
serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
serving.load_cert_chain(cert, key)
asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
asking.check_hostname = False
asking.verify_mode = ssl.CERT_NONE
REQUEST = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer"


def serve(listening):
    plain, _ = listening.accept()
    with serving.wrap_socket(plain, server_side=True) as connection:
        while connection.recv(4096):
            connection.sendall(ANSWER)


def with_sockets():
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, args=(listening,))
    thread.start()
    with asking.wrap_socket(socket.create_connection(listening.getsockname())) as connection:
        for number in range(3):
            connection.sendall(REQUEST % number)
            connection.recv(4096)
    thread.join()


async def in_memory():
    done = asyncio.Event()

    async def handle(reader, writer):
        while await reader.read(4096):
            writer.write(ANSWER)
            await writer.drain()
        writer.close()
        done.set()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=serving)
    host, port = server.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(host, port, ssl=asking)
    for number in range(3):
        writer.write(REQUEST % number)
        await reader.read(4096)
    writer.close()
    await done.wait()
    server.close()


if how == "sockets":
    with_sockets()
else:
    asyncio.run(in_memory())
