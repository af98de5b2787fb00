/*
 * Measures what idle subscribers cost a relay by their heartbeats.
 *
 *     heartbeat_load PUBLISHERS SUBSCRIBERS COUNT INTERVAL_MS SECONDS RELAY_PID
 *
 * COUNT raw subscribers connect to SUBSCRIBERS, a port of 127.0.0.1, and stay; nobody publishes. Each sends a PING every
 * INTERVAL_MS milliseconds, all of them evenly spread over that time, and answers those it is sent. The result is one JSON
 * line: PINGs, how many were answered, and the relay's CPU within SECONDS seconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common.h"
#include "zmtp.h"

enum { EVENT_COUNT_MAX = 256, READ_SIZE = 4096, SETTLE_SECONDS = 1 };

struct load {
    long subscriber_count;
    int poller;
    int *streams;
    long ping_count, pong_count;
};

static const unsigned char ping[] = {4, 7, 4, 'P', 'I', 'N', 'G', 0, 0};
static const unsigned char pong[] = {4, 5, 4, 'P', 'O', 'N', 'G'};

/* Whole short commands only: nothing else comes to an idle subscriber, and each is far smaller than a segment. */
static void take_commands(struct load *load, int stream)
{
    unsigned char bytes[READ_SIZE];
    ssize_t taken = recv(stream, bytes, sizeof bytes, MSG_DONTWAIT);
    if (taken == 0 || (taken < 0 && errno != EAGAIN && errno != EINTR))
        fail(taken < 0 ? errno : 0, "a subscriber was dropped");
    for (ssize_t at = 0; at + 2 <= taken; at += 2 + bytes[at + 1]) {
        if (at + 7 > taken || !(bytes[at] & 4))
            fail(0, "an idle subscriber was sent something that is no command");
        if (memcmp(bytes + at + 2, "\4PONG", 5) == 0)
            load->pong_count++;
        if (memcmp(bytes + at + 2, "\4PING", 5) == 0)
            write_fully(stream, pong, sizeof pong);
    }
}

static void take(struct load *load, int timeout_ms)
{
    struct epoll_event events[EVENT_COUNT_MAX];
    int count = epoll_wait(load->poller, events, EVENT_COUNT_MAX, timeout_ms);
    for (int index = 0; index < count; index++)
        take_commands(load, events[index].data.fd);
}

static void take_until(struct load *load, double end)
{
    while (monotonic_seconds() < end)
        take(load, 10);
}

static void connect_subscribers(struct load *load, int port)
{
    load->poller = epoll_create1(EPOLL_CLOEXEC);
    load->streams = calloc((size_t)load->subscriber_count, sizeof *load->streams);
    if (load->poller < 0 || load->streams == NULL)
        fail(errno, "subscribers");
    for (long index = 0; index < load->subscriber_count; index++) {
        unsigned char frame[ZMTP_HEADER_SIZE_MAX + 1];
        int stream = zmtp_connect(port, "SUB");
        write_fully(stream, frame, zmtp_put_subscription(frame, ""));
        struct epoll_event interest = {.events = EPOLLIN, .data.fd = stream};
        if (epoll_ctl(load->poller, EPOLL_CTL_ADD, stream, &interest) != 0)
            fail(errno, "epoll_ctl");
        load->streams[index] = stream;
    }
}

int main(int count, char **arguments)
{
    if (count != 7)
        fail(0, "usage: heartbeat_load PUBLISHERS SUBSCRIBERS COUNT INTERVAL_MS SECONDS RELAY_PID");
    int port = (int)parse_number(arguments[2], "SUBSCRIBERS");
    struct load load = {.subscriber_count = parse_number(arguments[3], "COUNT")};
    double interval_seconds = (double)parse_number(arguments[4], "INTERVAL_MS") / 1e3;
    double seconds = (double)parse_number(arguments[5], "SECONDS");
    pid_t relay = (pid_t)parse_number(arguments[6], "RELAY_PID");
    raise_file_limit();
    zmtp_minor_version = 1;
    connect_subscribers(&load, port);
    take_until(&load, monotonic_seconds() + SETTLE_SECONDS);

    load.pong_count = 0;
    double cpu_before = process_cpu_seconds(relay), begin = monotonic_seconds(), now;
    while ((now = monotonic_seconds()) < begin + seconds) {
        long due = (long)((now - begin) / interval_seconds * (double)load.subscriber_count);
        for (; load.ping_count < due; load.ping_count++) {
            int stream = load.streams[load.ping_count % load.subscriber_count];
            write_fully(stream, ping, sizeof ping);
        }
        take(&load, 1);
    }
    take_until(&load, now + SETTLE_SECONDS);
    double cpu_seconds = process_cpu_seconds(relay) - cpu_before;
    printf("{\"subscribers\":%ld,\"pings\":%ld,\"pongs\":%ld,\"seconds\":%.6f,"
        "\"relayCPUSeconds\":%.6f}\n",
        load.subscriber_count, load.ping_count, load.pong_count, now - begin, cpu_seconds);
    return 0;
}
