/*
 * Loads an XSUB/XPUB relay from outside: one raw publisher, N raw subscribers.
 *
 *     relay_load PUBLISHERS SUBSCRIBERS COUNT SIZE MESSAGES TOPICS RELAY_PID
 *
 * PUBLISHERS and SUBSCRIBERS are the relay's ports on 127.0.0.1. With TOPICS 0 every subscriber
 * takes every message; otherwise message i carries topic i mod TOPICS, scrambled, and subscriber k
 * takes topic k mod TOPICS alone.
 *
 * Subscribers discard payload in the kernel (MSG_TRUNC) and only count bytes: the relay is what
 * is measured. A run is complete when each has exactly the bytes it is owed. The result is one
 * JSON line; CPU and memory are the relay's, CPU of the measured part alone.
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
    TOPIC_SIZE = 8,            /* "tNNNNNN." */
    TOPIC_STRIDE = 7919,       /* prime: neighbours in time are no neighbours in the index */
    BURST_BYTES = 256 * 1024,  /* per write of the publisher */
    READ_BYTES_MAX = 1 << 20,  /* discarded per call */
    EVENT_COUNT_MAX = 256,
    PROBE_INTERVAL_MS = 20,
    QUIET_MS = 200,            /* without traffic, after which all probes are taken for drained */
    STALL_MS = 5000,           /* without traffic, after which the rest is taken for lost */
    SETUP_SECONDS_MAX = 60,
};

struct subscriber {
    int stream;
    size_t byte_count;
};

struct load {
    long subscriber_count, message_size, message_count, topic_count;
    size_t frame_size;
    int publisher, poller;
    struct subscriber *subscribers;
    unsigned char *burst; /* whole cycles of topics, so that bursts follow each other evenly */
    long burst_message_count;
    size_t delivered_bytes;
};

static void put_topic(char *text, long topic)
{
    snprintf(text, TOPIC_SIZE + 1, "t%06ld.", topic % 1000000);
}

static void make_burst(struct load *load)
{
    long cycle = load->topic_count > 0 ? load->topic_count : 1;
    long count = BURST_BYTES / (long)load->frame_size;
    count = count < cycle ? cycle : count / cycle * cycle;
    load->burst_message_count = count;
    load->burst = malloc((size_t)count * load->frame_size);
    if (load->burst == NULL)
        fail(errno, "burst");

    for (long index = 0; index < count; index++) {
        unsigned char *frame = load->burst + (size_t)index * load->frame_size;
        unsigned char *body = frame + zmtp_put_header(frame, (size_t)load->message_size);
        memset(body, 'x', (size_t)load->message_size);
        if (load->topic_count > 0) {
            char topic[TOPIC_SIZE + 1];
            put_topic(topic, index * TOPIC_STRIDE % load->topic_count);
            memcpy(body, topic, TOPIC_SIZE);
        }
    }
}

static void connect_subscribers(struct load *load, int port)
{
    load->subscribers = calloc((size_t)load->subscriber_count, sizeof *load->subscribers);
    load->poller = epoll_create1(EPOLL_CLOEXEC);
    if (load->subscribers == NULL || load->poller < 0)
        fail(errno, "subscribers");

    for (long index = 0; index < load->subscriber_count; index++) {
        char topic[TOPIC_SIZE + 1] = "";
        unsigned char frame[ZMTP_HEADER_SIZE_MAX + 1 + TOPIC_SIZE];
        if (load->topic_count > 0)
            put_topic(topic, index % load->topic_count);
        int stream = zmtp_connect(port, "SUB");
        write_fully(stream, frame, zmtp_put_subscription(frame, topic));
        fcntl(stream, F_SETFL, O_NONBLOCK);

        struct epoll_event interest = {.events = EPOLLIN, .data.u64 = (uint64_t)index};
        if (epoll_ctl(load->poller, EPOLL_CTL_ADD, stream, &interest) != 0)
            fail(errno, "epoll_ctl");
        load->subscribers[index].stream = stream;
    }
}

/* Discards what has come within `timeout_ms`; false when nothing came. */
static bool drain(struct load *load, int timeout_ms)
{
    struct epoll_event events[EVENT_COUNT_MAX];
    int count = epoll_wait(load->poller, events, EVENT_COUNT_MAX, timeout_ms);
    for (int index = 0; index < count; index++) {
        struct subscriber *subscriber = &load->subscribers[events[index].data.u64];
        ssize_t taken = recv(subscriber->stream, NULL, READ_BYTES_MAX, MSG_TRUNC | MSG_DONTWAIT);
        if (taken == 0 || (taken < 0 && errno != EAGAIN && errno != EINTR))
            fail(taken < 0 ? errno : 0, "the relay dropped a subscriber");
        if (taken > 0) {
            subscriber->byte_count += (size_t)taken;
            load->delivered_bytes += (size_t)taken;
        }
    }
    return count > 0;
}

static long served_count(const struct load *load)
{
    long served = 0;
    for (long index = 0; index < load->subscriber_count; index++)
        served += load->subscribers[index].byte_count > 0;
    return served;
}

/* The relay sends the publisher its subscriptions; nobody needs them, but they must be read. */
static void *discard_subscriptions(void *argument)
{
    const struct load *load = argument;
    while (recv(load->publisher, NULL, READ_BYTES_MAX, MSG_TRUNC) > 0)
        continue;
    return NULL;
}

/* Publishes every topic once in a while until each subscriber has heard one: then every
 * subscription is in force. What the probes delivered is not counted. */
static void await_subscriptions(struct load *load)
{
    long cycle = load->topic_count > 0 ? load->topic_count : 1;
    double deadline = monotonic_seconds() + SETUP_SECONDS_MAX;
    while (served_count(load) < load->subscriber_count) {
        if (monotonic_seconds() > deadline)
            fail(0, "only %ld of %ld subscribers are served after %d s", served_count(load),
                load->subscriber_count, SETUP_SECONDS_MAX);
        write_fully(load->publisher, load->burst, (size_t)cycle * load->frame_size);
        while (drain(load, PROBE_INTERVAL_MS))
            continue;
    }
    while (drain(load, QUIET_MS))
        continue;
    for (long index = 0; index < load->subscriber_count; index++)
        load->subscribers[index].byte_count = 0;
    load->delivered_bytes = 0;
}

static void *publish(void *argument)
{
    const struct load *load = argument;
    for (long left = load->message_count; left > 0;) {
        long count = left < load->burst_message_count ? left : load->burst_message_count;
        write_fully(load->publisher, load->burst, (size_t)count * load->frame_size);
        left -= count;
    }
    return NULL;
}

int main(int count, char **arguments)
{
    if (count != 8)
        fail(0, "usage: relay_load PUBLISHERS SUBSCRIBERS COUNT SIZE MESSAGES TOPICS RELAY_PID");
    struct load load = {
        .subscriber_count = parse_number(arguments[3], "COUNT"),
        .message_size = parse_number(arguments[4], "SIZE"),
        .message_count = parse_number(arguments[5], "MESSAGES"),
        .topic_count = parse_number(arguments[6], "TOPICS"),
    };
    pid_t relay = (pid_t)parse_number(arguments[7], "RELAY_PID");
    if (load.topic_count > 0) {
        if (load.message_size < TOPIC_SIZE || load.message_count % load.topic_count != 0)
            fail(0, "MESSAGES must be a multiple of TOPICS, and SIZE at least %d", TOPIC_SIZE);
    }
    unsigned char header[ZMTP_HEADER_SIZE_MAX];
    load.frame_size = zmtp_put_header(header, (size_t)load.message_size) + (size_t)load.message_size;

    raise_file_limit();
    make_burst(&load);
    connect_subscribers(&load, (int)parse_number(arguments[2], "SUBSCRIBERS"));
    load.publisher = zmtp_connect((int)parse_number(arguments[1], "PUBLISHERS"), "PUB");
    pthread_t discarder, publisher;
    if (pthread_create(&discarder, NULL, discard_subscriptions, &load) != 0)
        fail(0, "no thread");
    await_subscriptions(&load);

    long messages_each = load.message_count / (load.topic_count > 0 ? load.topic_count : 1);
    size_t owed_each = (size_t)messages_each * load.frame_size;
    size_t owed = owed_each * (size_t)load.subscriber_count;
    double cpu_before = process_cpu_seconds(relay), begin = monotonic_seconds();
    if (pthread_create(&publisher, NULL, publish, &load) != 0)
        fail(0, "no thread");
    while (load.delivered_bytes < owed && drain(&load, STALL_MS))
        continue;
    double wall_seconds = monotonic_seconds() - begin;
    double cpu_seconds = process_cpu_seconds(relay) - cpu_before;
    size_t delivered = load.delivered_bytes;
    drain(&load, QUIET_MS); /* more than is owed would be a duplicate */

    long complete_count = 0;
    for (long index = 0; index < load.subscriber_count; index++)
        complete_count += load.subscribers[index].byte_count == owed_each;
    printf("{\"subscribers\":%ld,\"complete\":%ld,\"deliveries\":%zu,\"wallSeconds\":%.6f,"
        "\"relayCPUSeconds\":%.6f,\"relayPeakBytes\":%zu}\n",
        load.subscriber_count, complete_count, delivered / load.frame_size, wall_seconds,
        cpu_seconds, process_memory_bytes(relay, "VmHWM"));
    return complete_count == load.subscriber_count ? 0 : 1;
}
