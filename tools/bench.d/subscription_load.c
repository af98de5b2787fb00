/*
 * Measures how a relay bears one subscriber with many subscriptions.
 *
 *     subscription_load PUBLISHERS SUBSCRIBERS COUNT RELAY_PID
 *
 * One raw subscriber sends COUNT distinct subscriptions; a raw publisher repeats a message of the
 * last topic until it comes back. The time until then, and the relay's memory before and after,
 * are the result: one JSON line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common.h"
#include "zmtp.h"

enum {
    TOPIC_SIZE_MAX = 32,
    FRAME_SIZE_MAX = ZMTP_HEADER_SIZE_MAX + 1 + TOPIC_SIZE_MAX,
    PROBE_INTERVAL_MS = 5,
    SETTLE_MS = 200,
    SECONDS_MAX = 120,
};

/* Like market data: 4,096 groups, and in each names that share nothing with their group. Odd factors
 * map distinct indices to distinct names. */
static void put_topic(char *text, long index)
{
    uint32_t group = (uint32_t)index * 40503u % 4096, name = (uint32_t)index * 2654435761u;
    snprintf(text, TOPIC_SIZE_MAX, "market.%03x.%08x", group, name);
}

static unsigned char *make_subscriptions(long count, size_t *size)
{
    unsigned char *frames = malloc((size_t)count * FRAME_SIZE_MAX);
    if (frames == NULL)
        fail(errno, "subscriptions");
    *size = 0;
    for (long index = 0; index < count; index++) {
        char topic[TOPIC_SIZE_MAX];
        put_topic(topic, index);
        *size += zmtp_put_subscription(frames + *size, topic);
    }
    return frames;
}

/* Sends what the relay takes now. */
static size_t write_some(int stream, const unsigned char *bytes, size_t count)
{
    ssize_t written = send(stream, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written < 0 && errno != EAGAIN && errno != EINTR)
        fail(errno, "the relay dropped the subscriber");
    return written > 0 ? (size_t)written : 0;
}

/* Subscribes, reading what the relay tells the publisher at the same time, until a message of the
 * last topic comes back. */
static bool subscribe_until_served(int publisher, int subscriber, long count)
{
    size_t size, sent = 0;
    unsigned char *frames = make_subscriptions(count, &size);
    char topic[TOPIC_SIZE_MAX], discarded[65536];
    put_topic(topic, count - 1);
    unsigned char message[FRAME_SIZE_MAX];
    size_t message_size = zmtp_put_header(message, strlen(topic));
    memcpy(message + message_size, topic, strlen(topic));
    message_size += strlen(topic);

    double begin = monotonic_seconds(), next_probe = begin;
    while (monotonic_seconds() < begin + SECONDS_MAX) {
        struct pollfd ends[2] = {
            {.fd = publisher, .events = POLLIN},
            {.fd = subscriber, .events = sent < size ? POLLIN | POLLOUT : POLLIN},
        };
        if (poll(ends, 2, PROBE_INTERVAL_MS) < 0 && errno != EINTR)
            fail(errno, "poll");
        if (ends[0].revents != 0)
            recv(publisher, discarded, sizeof discarded, MSG_DONTWAIT);
        if (ends[1].revents & (POLLIN | POLLHUP | POLLERR)) {
            free(frames);
            return recv(subscriber, discarded, sizeof discarded, MSG_DONTWAIT) > 0;
        }
        if (ends[1].revents & POLLOUT)
            sent += write_some(subscriber, frames + sent, size - sent);
        if (sent == size && monotonic_seconds() >= next_probe) {
            /* A relay too busy to read has probes enough waiting: EAGAIN is no error. */
            if (send(publisher, message, message_size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0
                && errno != EAGAIN)
                fail(errno, "the relay dropped the publisher");
            next_probe = monotonic_seconds() + PROBE_INTERVAL_MS / 1000.0;
        }
    }
    free(frames);
    return false;
}

int main(int count, char **arguments)
{
    if (count != 5)
        fail(0, "usage: subscription_load PUBLISHERS SUBSCRIBERS COUNT RELAY_PID");
    long subscription_count = parse_number(arguments[3], "COUNT");
    pid_t relay = (pid_t)parse_number(arguments[4], "RELAY_PID");
    int publisher = zmtp_connect((int)parse_number(arguments[1], "PUBLISHERS"), "PUB");
    int subscriber = zmtp_connect((int)parse_number(arguments[2], "SUBSCRIBERS"), "SUB");
    sleep_milliseconds(SETTLE_MS);

    size_t memory_before = process_memory_bytes(relay, "VmRSS");
    double cpu_before = process_cpu_seconds(relay), begin = monotonic_seconds();
    bool is_served = subscribe_until_served(publisher, subscriber, subscription_count);
    double ready_seconds = monotonic_seconds() - begin;
    double growth = (double)process_memory_bytes(relay, "VmRSS") - (double)memory_before;
    printf("{\"subscriptions\":%ld,\"served\":%s,\"readySeconds\":%.6f,\"relayCPUSeconds\":%.6f,"
        "\"bytesPerSubscription\":%.1f}\n",
        subscription_count, is_served ? "true" : "false", ready_seconds,
        process_cpu_seconds(relay) - cpu_before, growth / (double)subscription_count);
    return is_served ? 0 : 1;
}
