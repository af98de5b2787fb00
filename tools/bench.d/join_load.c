/*
 * Measures what it costs a relay that many subscribers join, one after the other.
 *
 *     join_load PUBLISHERS SUBSCRIBERS COUNT RELAY_PID
 *
 * A raw publisher is there first. Then COUNT raw subscribers connect, each with one topic of its own, and stay.
 * It is over when the publisher has been told of every topic: one JSON line, with the relay's CPU.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common.h"
#include "zmtp.h"

enum {
    TOPIC_SIZE = 9, /* "tNNNNNNN." */
    FRAME_SIZE_MAX = ZMTP_HEADER_SIZE_MAX + 1 + TOPIC_SIZE,
    SETTLE_MS = 200,
    STALL_MS = 10000,
};

/* What the relay has told the publisher by now, in octets. */
static size_t read_some(int publisher)
{
    char discarded[65536];
    ssize_t taken = recv(publisher, discarded, sizeof discarded, MSG_DONTWAIT);
    if (taken == 0 || (taken < 0 && errno != EAGAIN && errno != EINTR))
        fail(taken < 0 ? errno : 0, "the relay dropped the publisher");
    return taken > 0 ? (size_t)taken : 0;
}

/* Gives the size of the subscription, which the publisher will be sent as it is. */
static size_t join(int port, long number)
{
    char topic[TOPIC_SIZE + 1];
    unsigned char frame[FRAME_SIZE_MAX];
    snprintf(topic, sizeof topic, "t%07ld.", number % 10000000);
    size_t size = zmtp_put_subscription(frame, topic);
    write_fully(zmtp_connect(port, "SUB"), frame, size);
    return size;
}

int main(int count, char **arguments)
{
    if (count != 5)
        fail(0, "usage: join_load PUBLISHERS SUBSCRIBERS COUNT RELAY_PID");
    int subscribers = (int)parse_number(arguments[2], "SUBSCRIBERS");
    long join_count = parse_number(arguments[3], "COUNT");
    pid_t relay = (pid_t)parse_number(arguments[4], "RELAY_PID");
    raise_file_limit();
    int publisher = zmtp_connect((int)parse_number(arguments[1], "PUBLISHERS"), "PUB");
    sleep_milliseconds(SETTLE_MS);

    size_t told = 0, expected = 0;
    double cpu_before = process_cpu_seconds(relay), begin = monotonic_seconds();
    for (long number = 0; number < join_count; number++) {
        expected += join(subscribers, number);
        told += read_some(publisher);
    }
    while (told < expected) {
        struct pollfd end = {.fd = publisher, .events = POLLIN};
        if (poll(&end, 1, STALL_MS) <= 0)
            fail(0, "the publisher was told %zu octets of subscriptions and not %zu", told, expected);
        told += read_some(publisher);
    }
    double seconds = monotonic_seconds() - begin;
    printf("{\"joins\":%ld,\"complete\":%s,\"joinSeconds\":%.6f,\"relayCPUSeconds\":%.6f}\n",
        join_count, told == expected ? "true" : "false", seconds,
        process_cpu_seconds(relay) - cpu_before);
    return 0;
}
