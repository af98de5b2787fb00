/* Writes a capture of EPGM streams, as a tap beside one receiver sees them, and prints what is in it as JSON.
 *
 *     generate_capture FILE [PACKETS [STREAMS [SEED]]]
 *
 * Every stream numbers its data from 0 and sends libzmq's framing. Now and then a packet is lost: before the tap (the
 * tap's gap), or behind it at another receiver (no gap). Either way a NAK, an NCF and RDATA follow some packets later;
 * some losses before the tap are never repaired. SPMs come every 1,000 packets of a stream, joins at the beginning.
 * Pcap with nanoseconds, Ethernet, IPv4. The same arguments give the same octets.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_MAX = 64, PENDING_MAX = 64, BODY = 24, PORT = 5555 };

enum type { SPM = 0x00, ODATA = 0x04, RDATA = 0x05, NAK = 0x08, NCF = 0x0A };

struct repair {
    uint32_t sequence;
    uint64_t due; /* packet of the stream after which the next step is taken */
    int step;     /* 0 NAK, 1 NCF, 2 RDATA */
};

struct stream {
    uint32_t source, group;
    uint8_t gsi[6];
    uint16_t source_port;
    uint32_t next, spm;
    uint64_t count; /* ticks of this stream */
    struct repair pending[PENDING_MAX];
    int pending_count;
    uint64_t odata, rdata, nak, ncf, spms, lost, repaired;
};

static FILE *output;
static uint64_t state, packets, clock_ns = UINT64_C(1700000000000000000);

static uint64_t random64(void)
{
    uint64_t z = (state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static uint8_t *put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
    return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    return put16(put16(p, (uint16_t)(v >> 16)), (uint16_t)v);
}

static uint16_t checksum(const uint8_t *p, size_t count)
{
    uint64_t sum = 0;
    for (; count > 1; count -= 2, p += 2)
        sum += (uint64_t)p[0] << 8 | p[1];
    if (count)
        sum += (uint64_t)p[0] << 8;
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

/* One record: link, IP and transport headers in front of `payload`. */
static void write_packet(uint32_t source, uint32_t destination, uint8_t protocol, uint8_t ttl,
                         uint16_t udp_source, const uint8_t *payload, size_t count)
{
    uint8_t record[16 + 14 + 20 + 8 + 256], *p = record + 16;
    size_t udp = protocol == 17 ? 8 : 0, ip_count = 20 + udp + count, wire = 14 + ip_count;
    bool is_multicast = destination >> 28 == 0xE;
    memcpy(p, is_multicast ? "\x01\x00\x5E" : "\x02\x00\x00", 3);
    p[3] = (uint8_t)(destination >> 16 & 0x7F);
    put16(p + 4, (uint16_t)destination);
    memcpy(p + 6, "\x02\x00\x00\x00\x00\x01\x08\x00", 8);
    p += 14;
    uint8_t *ip = p;
    memset(p, 0, 20);
    p[0] = 0x45;
    p[1] = 0xB8;
    put16(p + 2, (uint16_t)ip_count);
    p[6] = 0x40;
    p[8] = ttl;
    p[9] = protocol;
    put32(p + 12, source);
    put32(p + 16, destination);
    put16(p + 10, checksum(ip, 20));
    p += 20;
    if (udp) {
        put16(p, udp_source);
        put16(p + 2, PORT);
        put16(p + 4, (uint16_t)(8 + count));
        put16(p + 6, 0);
        p += 8;
    }
    memcpy(p, payload, count);
    uint32_t head[4] = {(uint32_t)(clock_ns / 1000000000), (uint32_t)(clock_ns % 1000000000),
                        (uint32_t)wire, (uint32_t)wire};
    memcpy(record, head, sizeof head);
    if (fwrite(record, 16 + wire, 1, output) != 1) {
        perror("generate_capture");
        exit(1);
    }
    packets++;
    /* Bursts of some packets, then a pause. */
    clock_ns += random64() % 64 == 0 ? 100000 + random64() % 100000 : 800 + random64() % 400;
}

static size_t header(uint8_t *p, const struct stream *s, enum type type, bool is_upstream, uint16_t tsdu)
{
    put16(p, is_upstream ? PORT : s->source_port);
    put16(p + 2, is_upstream ? s->source_port : PORT);
    p[4] = (uint8_t)type;
    p[5] = 0;
    put16(p + 6, 0);
    memcpy(p + 8, s->gsi, 6);
    put16(p + 14, tsdu);
    return 16;
}

static void send_pgm(const struct stream *s, uint8_t *p, size_t count, bool is_upstream)
{
    uint16_t sum = checksum(p, count);
    put16(p + 6, sum ? sum : 0xFFFF);
    if (is_upstream)
        write_packet(0x0A4D0064, s->source, 17, 64, 41000, p, count);
    else
        write_packet(s->source, s->group, 17, 16, p[4] == ODATA ? 40000 : 40001, p, count);
}

static void send_data(struct stream *s, enum type type, uint32_t sequence)
{
    uint8_t p[16 + 8 + 2 + 2 + BODY];
    header(p, s, type, false, 2 + 2 + BODY);
    put32(p + 16, sequence);
    put32(p + 20, s->next > 4096 ? s->next - 4096 : 0);
    put16(p + 24, 0);
    p[26] = BODY + 1;
    p[27] = 0;
    char body[BODY + 1];
    snprintf(body, sizeof body, "wx%010" PRIu32 "------------", sequence);
    memcpy(p + 28, body, BODY);
    send_pgm(s, p, sizeof p, false);
    if (type == ODATA)
        s->odata++;
    else
        s->rdata++;
}

static void send_nak(struct stream *s, enum type type, uint32_t sequence)
{
    uint8_t p[36];
    header(p, s, type, type == NAK, 0);
    put32(p + 16, sequence);
    put32(p + 20, 1 << 16);
    put32(p + 24, s->source);
    put32(p + 28, 1 << 16);
    put32(p + 32, s->group);
    send_pgm(s, p, sizeof p, type == NAK);
    if (type == NAK)
        s->nak++;
    else
        s->ncf++;
}

static void send_spm(struct stream *s)
{
    uint8_t p[36];
    header(p, s, SPM, false, 0);
    put32(p + 16, s->spm++);
    put32(p + 20, s->next > 4096 ? s->next - 4096 : 0);
    put32(p + 24, s->next - 1);
    put32(p + 28, 1 << 16);
    put32(p + 32, s->source);
    send_pgm(s, p, sizeof p, false);
    s->spms++;
}

static void send_join(const struct stream *s)
{
    uint8_t p[16] = {0x22};
    put16(p + 6, 1);
    p[8] = 4;
    put32(p + 12, s->group);
    put16(p + 2, checksum(p, sizeof p));
    write_packet(0x0A4D0064, 0xE0000016, 2, 1, 0, p, sizeof p);
}

/* Takes the next step of the repairs that are due. */
static void repair(struct stream *s)
{
    for (int i = 0; i < s->pending_count; i++) {
        struct repair *r = &s->pending[i];
        if (r->due > s->count)
            continue;
        if (r->step == 0)
            send_nak(s, NAK, r->sequence);
        else if (r->step == 1)
            send_nak(s, NCF, r->sequence);
        else
            send_data(s, RDATA, r->sequence);
        r->due = s->count + 1 + random64() % 20;
        if (++r->step == 3) {
            *r = s->pending[--s->pending_count];
            i--;
        }
    }
}

static void advance(struct stream *s)
{
    if (s->count++ % 1000 == 0)
        send_spm(s);
    uint32_t sequence = s->next++;
    uint64_t dice = random64() % 1000;
    bool is_lost_here = dice < 4, is_lost_elsewhere = dice == 4;
    if (is_lost_here)
        s->lost++;
    else
        send_data(s, ODATA, sequence);
    bool is_asked_for = is_lost_elsewhere || (is_lost_here && random64() % 50 != 0);
    if (is_asked_for && s->pending_count < PENDING_MAX) {
        s->pending[s->pending_count++] = (struct repair){sequence, s->count + 5, 0};
        s->repaired += is_lost_here;
    }
    repair(s);
}

int main(int argc, char **argv)
{
    uint64_t wanted = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000;
    int stream_count = argc > 3 ? atoi(argv[3]) : 4;
    state = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    if (argc < 2 || argc > 5 || wanted < 1 || stream_count < 1 || stream_count > STREAM_MAX) {
        fprintf(stderr, "usage: generate_capture FILE [PACKETS [STREAMS (1 to %d) [SEED]]]\n",
                STREAM_MAX);
        return 2;
    }
    output = strcmp(argv[1], "-") ? fopen(argv[1], "wb") : stdout;
    if (!output) {
        perror(argv[1]);
        return 1;
    }
    setvbuf(output, NULL, _IOFBF, 1 << 20);
    uint32_t file[6] = {0xA1B23C4D, 2 | 4 << 16, 0, 0, 262144, 1};
    fwrite(file, sizeof file, 1, output);

    static struct stream streams[STREAM_MAX];
    for (int i = 0; i < stream_count; i++) {
        struct stream *s = &streams[i];
        s->source = 0x0A4D0001 + (uint32_t)i;
        s->group = 0xEFC00101 + (uint32_t)i;
        s->source_port = (uint16_t)(20000 + i);
        uint64_t gsi = random64();
        memcpy(s->gsi, &gsi, sizeof s->gsi);
        send_join(s);
    }
    /* One stream sends some packets, then another. */
    while (packets < wanted) {
        struct stream *s = &streams[random64() % (uint64_t)stream_count];
        for (uint64_t run = 1 + random64() % 8; run > 0 && packets < wanted; run--)
            advance(s);
    }
    if (fclose(output)) {
        perror(argv[1]);
        return 1;
    }
    FILE *report = strcmp(argv[1], "-") ? stdout : stderr;
    fprintf(report, "{\"packets\":%" PRIu64 ",\"streams\":[", packets);
    for (int i = 0; i < stream_count; i++) {
        struct stream *s = &streams[i];
        fprintf(report,
                "%s{\"sourcePort\":%u,\"last\":%" PRIu32 ",\"odata\":%" PRIu64 ",\"rdata\":%" PRIu64
                ",\"nak\":%" PRIu64 ",\"ncf\":%" PRIu64 ",\"spm\":%" PRIu64 ",\"lost\":%" PRIu64
                ",\"asked\":%" PRIu64 ",\"open\":%d}",
                i ? "," : "", s->source_port, s->next - 1, s->odata, s->rdata, s->nak, s->ncf,
                s->spms, s->lost, s->repaired, s->pending_count);
    }
    fprintf(report, "]}\n");
    return 0;
}
