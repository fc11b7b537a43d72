#!/usr/bin/python3
"""The wire between hypervisors, with a fault: python3 relay.py loss|duplicate|reorder PERCENT SEED INTERFACE INTERFACE...

Frames that arrive on one interface leave on the others. The fault strikes VXLAN frames that carry IPv4 (ARP passes, so
that the exchange gets going), and is seeded: the same frames in the same order meet the same fate. Standard library only.
"""
import random
import select
import signal
import socket
import sys

SOL_PACKET = 263
PACKET_IGNORE_OUTGOING = 23
HOLD_SECONDS = 0.005


def is_tunnelled_ip(frame):
    return (len(frame) > 64 and frame[12:14] == b"\x08\x00" and frame[23] == 17
            and frame[36:38] == b"\x12\xb5" and frame[62:64] == b"\x08\x00")


def main():
    fault, percent, seed, names = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    sockets = []
    for name in names:
        port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        port.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        port.bind((name, 3))  # ETH_P_ALL
        sockets.append(port)
    # One stream of fates for each direction, so that neither depends on how the two interleave.
    fates = [random.Random(seed + index) for index in range(len(sockets))]
    held = [[] for _ in sockets]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))

    def send(source, frame):
        for index, port in enumerate(sockets):
            if index != source:
                port.send(frame)

    def release(source):
        for frame in held[source]:
            send(source, frame)
        held[source].clear()

    print("ready", file=sys.stderr, flush=True)
    while True:
        waiting = any(held)
        readable, _, _ = select.select(sockets, [], [], HOLD_SECONDS * 20 if waiting else None)
        if not readable:
            for index in range(len(sockets)):
                release(index)
            continue
        for port in readable:
            source = sockets.index(port)
            frame = port.recv(65535)
            struck = is_tunnelled_ip(frame) and fates[source].random() * 100 < percent
            if struck and fault == "loss":
                continue
            if struck and fault == "reorder" and not held[source]:
                held[source].append(frame)  # until the next one has passed
                continue
            send(source, frame)
            if struck and fault == "duplicate":
                send(source, frame)
            release(source)


main()
