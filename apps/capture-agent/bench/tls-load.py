# Sends 1 KB from one end of a TLS connection to the other, both in this process: reads "tls N" from standard input, makes
# bursts of N round trips and answers with the nanoseconds of processor time that one SSL_read or SSL_write took in the best.
import socket
import ssl
import sys
import time

BURSTS, PAUSE_SECONDS = 20, 0.015


def context(protocol):
    made = ssl.SSLContext(protocol)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if protocol == ssl.PROTOCOL_TLS_SERVER:
        made.load_cert_chain(sys.argv[2], sys.argv[1])
    return made


def connect():
    listening = socket.create_server(("127.0.0.1", 0))
    near = socket.create_connection(listening.getsockname())
    far = listening.accept()[0]
    ends = []
    for end, protocol in ((near, ssl.PROTOCOL_TLS_CLIENT), (far, ssl.PROTOCOL_TLS_SERVER)):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.setblocking(False)
        server = protocol == ssl.PROTOCOL_TLS_SERVER
        ends.append(context(protocol).wrap_socket(end, server_side=server, do_handshake_on_connect=False))
    open_ends = list(ends)
    while open_ends:
        for end in list(open_ends):
            try:
                end.do_handshake()
                open_ends.remove(end)
            except ssl.SSLWantReadError:
                pass
    for end in ends:
        end.setblocking(True)
    return ends


near, far = connect()
data = b"x" * 1024
for line in sys.stdin:
    count = int(line.split()[1])
    best = float("inf")
    for _ in range(BURSTS):
        began = time.process_time_ns()
        for _ in range(count):
            near.sendall(data)
            far.recv(1024)
        best = min(best, (time.process_time_ns() - began) / count / 2)
        time.sleep(PAUSE_SECONDS)
    print(f"{best:.2f}", flush=True)
