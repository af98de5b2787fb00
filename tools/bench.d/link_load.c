/*
 * Loads a relay that speaks the tree link from outside: one raw publisher, N child relays that throw away what they get.
 *
 *     link_load PUBLISHERS SUBSCRIBERS COUNT SIZE MESSAGES RELAY_PID
 *
 * PUBLISHERS and SUBSCRIBERS are the relay's ports on 127.0.0.1; it is the root of a tree "t", which child k joins as node "ck". A
 * run is complete when each child has been sent every number once, in order. The result is one JSON line; CPU and memory are the
 * relay's, CPU of the measured part alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common.h"
#include "zmtp.h"

enum {
    BURST_BYTES = 256 * 1024,
    BUFFER_BYTES = 1 << 20,
    EVENT_COUNT_MAX = 64,
    SIGN_INTERVAL_MS = 100, /* a child shows that it lives */
    STALL_MS = 5000,
    SETUP_SECONDS_MAX = 30,
    FLAG_LONG = 2,
    FLAG_COMMAND = 4,
    HEAD_SIZE = 9 + 6 + 1 + 8 + 8 + 8, /* a long header, the name BATCH, flags, epoch, first and last */
};

struct child {
    int stream;
    unsigned char head[HEAD_SIZE]; /* of the frame under way */
    size_t head_size, skip;        /* how much of it is there; how much of its body is still to come */
    uint64_t last;                 /* number */
    uint64_t count;                /* numbers since the run began */
};

static long child_count, message_size, message_count;
static size_t frame_size;
static int publisher_stream, poller;
static struct child *children;
static unsigned char *burst;
static long burst_message_count;
static uint64_t delivered;

static uint64_t load_number(const unsigned char *bytes)
{
    uint64_t number = 0;
    for (int index = 0; index < 8; index++)
        number = number << 8 | bytes[index];
    return number;
}

static void add_property(unsigned char *command, size_t *size, const char *name, const char *value)
{
    size_t name_size = strlen(name), value_size = strlen(value);
    command[(*size)++] = (unsigned char)name_size;
    memcpy(command + *size, name, name_size);
    *size += name_size + 3;
    command[(*size)++] = (unsigned char)value_size;
    memcpy(command + *size, value, value_size);
    *size += value_size;
}

static int connect_child(int port, long index)
{
    char node[32];
    unsigned char properties[512] = {0};
    size_t size = 0;
    snprintf(node, sizeof node, "c%ld", index);
    add_property(properties, &size, "X-Xylem-Node", node);
    add_property(properties, &size, "X-Xylem-Tree", "t");
    add_property(properties, &size, "X-Xylem-Rank", "1000");
    add_property(properties, &size, "X-Xylem-Link", "1");
    int stream = zmtp_connect_with(port, "XSUB", properties, size);
    /* RESUME: from now on, as a child, without flags, of the empty topic. */
    static const unsigned char resume[] = {FLAG_COMMAND, 12, 6, 'R', 'E', 'S', 'U', 'M', 'E', 1, 0, 0, 1, 0};
    write_fully(stream, resume, sizeof resume);
    return stream;
}

/* Looks at the heads of frames and goes past their bodies. */
static void take(struct child *child, const unsigned char *bytes, size_t count)
{
    while (count > 0) {
        if (child->skip > 0) {
            size_t part = child->skip < count ? child->skip : count;
            child->skip -= part;
            bytes += part;
            count -= part;
            continue;
        }
        child->head[child->head_size++] = *bytes++;
        count--;
        if (child->head_size < 2)
            continue;
        bool is_long = child->head[0] & FLAG_LONG;
        size_t header = is_long ? 9 : 2;
        if (child->head_size < header)
            continue;
        if (!(child->head[0] & FLAG_COMMAND))
            fail(0, "the relay sent a message outside of batches");
        uint64_t body = is_long ? load_number(child->head + 1) : child->head[1];
        size_t wanted = 6 + 1 + 8 + 8 + 8;
        if (body < wanted)
            wanted = body < 6 ? body : 6;
        if (child->head_size < header + wanted)
            continue;
        const unsigned char *name = child->head + header;
        if (body >= 31 && memcmp(name, "\5BATCH", 6) == 0) {
            uint64_t first = load_number(name + 15), last = load_number(name + 23);
            if (child->last > 0 && first != child->last + 1)
                fail(0, "number %llu came after %llu", (unsigned long long)first,
                    (unsigned long long)child->last);
            child->last = last;
            child->count += last - first + 1;
            delivered += last - first + 1;
        } else if (body >= 6 && memcmp(name, "\3GAP", 4) == 0) {
            fail(0, "a child was slower than the ring is long");
        } else if (body >= 7 && memcmp(name, "\6REFUSE", 7) == 0) {
            fail(0, "the relay refuses a child");
        }
        child->skip = body - wanted;
        child->head_size = 0;
    }
}

static void connect_children(int port)
{
    children = calloc((size_t)child_count, sizeof *children);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (children == NULL || poller < 0)
        fail(errno, "children");
    for (long index = 0; index < child_count; index++) {
        children[index].stream = connect_child(port, index);
        fcntl(children[index].stream, F_SETFL, O_NONBLOCK);
        struct epoll_event interest = {.events = EPOLLIN, .data.u64 = (uint64_t)index};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, children[index].stream, &interest) != 0)
            fail(errno, "epoll_ctl");
    }
}

static void show_life(void)
{
    static double next = 0;
    static const unsigned char ping[] = {FLAG_COMMAND, 7, 4, 'P', 'I', 'N', 'G', 0, 0};
    double now = monotonic_seconds();
    if (now < next)
        return;
    next = now + SIGN_INTERVAL_MS / 1e3;
    for (long index = 0; index < child_count; index++)
        if (send(children[index].stream, ping, sizeof ping, MSG_NOSIGNAL) != sizeof ping)
            fail(errno, "a child's PING");
}

/* Takes what has come within a sign's interval; false when nothing came. */
static bool drain(void)
{
    static unsigned char buffer[BUFFER_BYTES];
    struct epoll_event events[EVENT_COUNT_MAX];
    show_life();
    int count = epoll_wait(poller, events, EVENT_COUNT_MAX, SIGN_INTERVAL_MS);
    for (int index = 0; index < count; index++) {
        struct child *child = &children[events[index].data.u64];
        ssize_t taken = recv(child->stream, buffer, sizeof buffer, MSG_DONTWAIT);
        if (taken == 0 || (taken < 0 && errno != EAGAIN && errno != EINTR))
            fail(taken < 0 ? errno : 0, "the relay dropped a child");
        if (taken > 0)
            take(child, buffer, (size_t)taken);
    }
    return count > 0;
}

static void *discard_subscriptions(void *argument)
{
    (void)argument;
    while (recv(publisher_stream, NULL, BUFFER_BYTES, MSG_TRUNC) > 0)
        continue;
    return NULL;
}

static void publish_messages(long count)
{
    for (long left = count; left > 0;) {
        long part = left < burst_message_count ? left : burst_message_count;
        write_fully(publisher_stream, burst, (size_t)part * frame_size);
        left -= part;
    }
}

static void *publish(void *argument)
{
    (void)argument;
    publish_messages(message_count);
    return NULL;
}

/* Publishes one message now and then until each child has got one. */
static void await_children(void)
{
    double deadline = monotonic_seconds() + SETUP_SECONDS_MAX;
    for (;;) {
        long served = 0;
        for (long index = 0; index < child_count; index++)
            served += children[index].count > 0;
        if (served == child_count)
            break;
        if (monotonic_seconds() > deadline)
            fail(0, "only %ld of %ld children are served", served, child_count);
        publish_messages(1);
        drain();
    }
    for (double quiet = monotonic_seconds() + 0.5; monotonic_seconds() < quiet;)
        drain();
    for (long index = 0; index < child_count; index++)
        children[index].count = 0;
    delivered = 0;
}

int main(int count, char **arguments)
{
    if (count != 7)
        fail(0, "usage: link_load PUBLISHERS SUBSCRIBERS COUNT SIZE MESSAGES RELAY_PID");
    child_count = parse_number(arguments[3], "COUNT");
    message_size = parse_number(arguments[4], "SIZE");
    message_count = parse_number(arguments[5], "MESSAGES");
    pid_t relay = (pid_t)parse_number(arguments[6], "RELAY_PID");
    unsigned char header[ZMTP_HEADER_SIZE_MAX];
    frame_size = zmtp_put_header(header, (size_t)message_size) + (size_t)message_size;
    burst_message_count = BURST_BYTES / (long)frame_size;
    burst = malloc((size_t)burst_message_count * frame_size);
    if (burst == NULL)
        fail(errno, "burst");
    for (long index = 0; index < burst_message_count; index++) {
        unsigned char *frame = burst + (size_t)index * frame_size;
        memset(frame + zmtp_put_header(frame, (size_t)message_size), 'x', (size_t)message_size);
    }

    zmtp_minor_version = 1;
    connect_children((int)parse_number(arguments[2], "SUBSCRIBERS"));
    publisher_stream = zmtp_connect((int)parse_number(arguments[1], "PUBLISHERS"), "PUB");
    pthread_t discarder, publisher;
    if (pthread_create(&discarder, NULL, discard_subscriptions, NULL) != 0)
        fail(0, "no thread");
    await_children();

    uint64_t owed = (uint64_t)message_count * (uint64_t)child_count;
    double cpu_before = process_cpu_seconds(relay), begin = monotonic_seconds(), heard = begin;
    if (pthread_create(&publisher, NULL, publish, NULL) != 0)
        fail(0, "no thread");
    while (delivered < owed && monotonic_seconds() - heard < STALL_MS / 1e3)
        if (drain())
            heard = monotonic_seconds();
    double wall_seconds = monotonic_seconds() - begin;
    double cpu_seconds = process_cpu_seconds(relay) - cpu_before;

    long complete_count = 0;
    for (long index = 0; index < child_count; index++)
        complete_count += children[index].count == (uint64_t)message_count;
    printf("{\"subscribers\":%ld,\"complete\":%ld,\"deliveries\":%llu,\"wallSeconds\":%.6f,"
        "\"relayCPUSeconds\":%.6f,\"relayPeakBytes\":%zu}\n",
        child_count, complete_count, (unsigned long long)delivered, wall_seconds, cpu_seconds,
        process_memory_bytes(relay, "VmHWM"));
    return complete_count == child_count ? 0 : 1;
}
