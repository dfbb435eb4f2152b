"""Says, one a line, what leaves the network namespace that it shares: outgoing packets and questions for a name.

A default route leads to an address that nobody has, so that a program which reaches for the Internet is seen by the
question for that address. What the kernel says by itself (neighbours, multicast groups) is left out.
"""
import fcntl
import re
import socket
import struct

OUTGOING = 4
ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86DD
ENGINE_RESOLVER = "127.0.0.11"
# Answers of the desktop's own services, VNC and SFTP.
SERVICE_PORTS = (5900, 2222)


def own_network() -> bytes:
    """The network of eth0, from the kernel's table of routes."""
    with open("/proc/net/route") as table:
        lines = [line.split() for line in table.readlines()[1:]]
    found = next(int(fields[1], 16) for fields in lines if fields[0] == "eth0" and fields[1] != "00000000")
    return struct.pack("<I", found)


def lead_to(gateway: bytes) -> None:
    """Adds a default route (netdevice(7), struct rtentry)."""
    address = lambda packed: struct.pack("=HH4s8x", socket.AF_INET, 0, packed)
    nothing = address(bytes(4))
    up_by_gateway = 0x1 | 0x2
    route = struct.pack("@L16s16s16sHhLPhPLLH", 0, nothing, address(gateway), nothing, up_by_gateway, 0, 0, 0, 0, 0, 0, 0, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x890B, route)


def described(protocol: int, device: str, data: bytes, gateway: bytes) -> str | None:
    if protocol == ARP:
        return "a packet for the Internet" if data[24:28] == gateway else None
    if protocol == IPV4 and data[9] != socket.IPPROTO_IGMP:
        target = socket.inet_ntoa(data[16:20])
        if device == "lo" and target != ENGINE_RESOLVER:
            return None
        port = struct.unpack_from("!H", data, (data[0] & 15) * 4)[0]
        if data[9] == socket.IPPROTO_TCP and port in SERVICE_PORTS:
            return None
        words = b".".join(re.findall(rb"[a-z0-9-]{2,}", data[28:])).decode()
        return f"to {target}: {words[:80]}"
    if protocol == IPV6 and data[6] in (socket.IPPROTO_TCP, socket.IPPROTO_UDP) and device != "lo":
        return f"to {socket.inet_ntop(socket.AF_INET6, data[24:40])}"
    return None


def main() -> None:
    network = own_network()
    gateway = network[:3] + bytes([network[3] + 13])
    lead_to(gateway)
    every_protocol = socket.ntohs(0x0003)
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, every_protocol) as listener:
        print("listening", flush=True)
        while True:
            data, (device, protocol, kind, _, _) = listener.recvfrom(2048)
            line = described(protocol, device, data, gateway) if kind == OUTGOING else None
            if line is not None:
                print(line, flush=True)


main()
