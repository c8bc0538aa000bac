"""As much of SPDY/3.1 as kubectl's port-forward speaks inside a WebSocket: streams with headers and data, no
priorities, no flow control. The frames and the dictionary are those of the draft
(https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/, sections 2.2 and 2.6.10.1).
"""
import struct
import zlib

WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow "
    "authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie "
    "keep-alive origin"
)
REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 "
    "Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 "
    "Not Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept "
    "Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
    "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,"
    "sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
DICTIONARY = b"".join(
    struct.pack(">I", len(word)) + word.replace("_", " ").encode() for word in WORDS.split()
) + REST.encode()

SYN_STREAM, SYN_REPLY, RST_STREAM, PING = 1, 2, 3, 6
FIN = 1


class Frames:
    """Reads frames out of a stream of bytes that comes in pieces, and writes some."""

    def __init__(self):
        self.waiting = b""
        self.unpacker = zlib.decompressobj(zdict=DICTIONARY)
        self.packer = zlib.compressobj(zdict=DICTIONARY)

    def feed(self, data):
        """The whole frames so far: (kind, stream, flags, headers or data); kind is None for data."""
        self.waiting += data
        while len(self.waiting) >= 8:
            first, second = struct.unpack(">II", self.waiting[:8])
            length, flags = second & 0xFFFFFF, second >> 24
            if len(self.waiting) < 8 + length:
                return
            body, self.waiting = self.waiting[8:8 + length], self.waiting[8 + length:]
            if not first >> 31:
                yield None, first, flags, body
                continue
            kind = first & 0xFFFF
            stream = struct.unpack(">I", body[:4])[0] & 0x7FFFFFFF if len(body) >= 4 else 0
            yield kind, stream, flags, self.headers(body[10:]) if kind == SYN_STREAM else body

    def headers(self, packed):
        block = self.unpacker.decompress(packed)
        count, at, found = struct.unpack(">I", block[:4])[0], 4, {}
        for _ in range(count):
            pair = []
            for _ in range(2):
                length = struct.unpack(">I", block[at:at + 4])[0]
                pair.append(block[at + 4:at + 4 + length].decode())
                at += 4 + length
            found[pair[0].lower()] = pair[1]
        return found

    def control(self, kind, body, flags=0):
        return struct.pack(">II", 0x80030000 | kind, flags << 24 | len(body)) + body

    def reply(self, stream):
        block = self.packer.compress(struct.pack(">I", 0)) + self.packer.flush(zlib.Z_SYNC_FLUSH)
        return self.control(SYN_REPLY, struct.pack(">I", stream) + block)

    def data(self, stream, data, flags=0):
        return struct.pack(">II", stream, flags << 24 | len(data)) + data
