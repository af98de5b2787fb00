/*
 * A part of a very large crowd of subscribers, or the publisher of all of it.
 *
 *     crowd_load subscribe COUNT PORT…
 *     crowd_load publish PORT
 *
 * subscribe: COUNT raw subscribers of everything at each PORT of 127.0.0.1. "ready" says that all of them are connected. Then a line "served" is
 * answered when each has had a message, and a line "N" when each has had the messages 1 to N, in order and each once; what is out of order is an
 * error. publish: a line "FIRST LAST" sends the messages of those numbers at once, "0 0" one that has no number.
 *
 * Each answer is one JSON line with the monotonic clock, which all processes of a machine share. It ends with its standard input.
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
    BODY_SIZE = 64,
    FRAME_SIZE = 2 + BODY_SIZE,
    NUMBER_SIZE = 8,
    READ_SIZE = 512 * FRAME_SIZE,
    EVENT_COUNT_MAX = 256,
    SILENCE_MS = 30000,
};

struct subscriber {
    int stream;
    int partial_size;
    bool is_served;
    long number;
    unsigned char partial[FRAME_SIZE];
};

struct crowd {
    struct subscriber *subscribers;
    long count, served_count;
    /* How many have had all messages up to `target`. */
    long target, done_count;
    int poller;
};

static void take_message(struct crowd *crowd, struct subscriber *subscriber, const unsigned char *frame)
{
    char text[NUMBER_SIZE + 1] = "";
    memcpy(text, frame + 2, NUMBER_SIZE);
    long number = strtol(text, NULL, 10);
    if (!subscriber->is_served) {
        subscriber->is_served = true;
        crowd->served_count++;
    }
    if (number == 0)
        return;
    if (number != subscriber->number + 1)
        fail(0, "after message %ld came %ld", subscriber->number, number);
    subscriber->number = number;
    if (number == crowd->target)
        crowd->done_count++;
}

static void read_some(struct crowd *crowd, struct subscriber *subscriber)
{
    static unsigned char octets[FRAME_SIZE + READ_SIZE];
    memcpy(octets, subscriber->partial, (size_t)subscriber->partial_size);
    ssize_t taken = recv(subscriber->stream, octets + subscriber->partial_size, READ_SIZE, MSG_DONTWAIT);
    if (taken < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (taken <= 0)
        fail(taken < 0 ? errno : 0, "the relay dropped a subscriber");
    size_t size = (size_t)subscriber->partial_size + (size_t)taken, offset = 0;
    for (; size - offset >= FRAME_SIZE; offset += FRAME_SIZE)
        take_message(crowd, subscriber, octets + offset);
    subscriber->partial_size = (int)(size - offset);
    memcpy(subscriber->partial, octets + offset, size - offset);
}

static void read_until(struct crowd *crowd, const long *count)
{
    struct epoll_event events[EVENT_COUNT_MAX];
    while (*count < crowd->count) {
        int ready = epoll_wait(crowd->poller, events, EVENT_COUNT_MAX, SILENCE_MS);
        if (ready == 0)
            fail(0, "only %ld of %ld subscribers have it, and nothing comes", *count, crowd->count);
        for (int index = 0; index < ready; index++)
            read_some(crowd, &crowd->subscribers[events[index].data.u64]);
    }
}

static void join(struct crowd *crowd, int port)
{
    unsigned char frame[ZMTP_HEADER_SIZE_MAX + 1];
    struct subscriber *subscriber = &crowd->subscribers[crowd->count];
    subscriber->stream = zmtp_connect(port, "SUB");
    write_fully(subscriber->stream, frame, zmtp_put_subscription(frame, ""));
    struct epoll_event interest = {.events = EPOLLIN, .data.u64 = (uint64_t)crowd->count};
    if (epoll_ctl(crowd->poller, EPOLL_CTL_ADD, subscriber->stream, &interest) != 0)
        fail(errno, "epoll_ctl");
    crowd->count++;
}

static void subscribe(int count, char **arguments)
{
    long each = parse_number(arguments[2], "COUNT");
    struct crowd crowd = {.poller = epoll_create1(EPOLL_CLOEXEC)};
    crowd.subscribers = calloc((size_t)each * (size_t)(count - 3), sizeof *crowd.subscribers);
    if (crowd.subscribers == NULL || crowd.poller < 0)
        fail(errno, "subscribers");
    for (long number = 0; number < each; number++)
        for (int index = 3; index < count; index++)
            join(&crowd, (int)parse_number(arguments[index], "PORT"));
    printf("ready\n");
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (strcmp(line, "served\n") == 0) {
            read_until(&crowd, &crowd.served_count);
        } else {
            crowd.target = strtol(line, NULL, 10);
            crowd.done_count = 0;
            for (long index = 0; index < crowd.count; index++)
                crowd.done_count += crowd.subscribers[index].number >= crowd.target;
            read_until(&crowd, &crowd.done_count);
        }
        printf("{\"at\":%.6f}\n", monotonic_seconds());
    }
}

/* The relay tells the publisher what is subscribed; nobody needs it, but it must be read. */
static void *discard(void *argument)
{
    int stream = *(int *)argument;
    while (recv(stream, NULL, READ_SIZE, MSG_TRUNC) > 0)
        continue;
    return NULL;
}

static void publish(char **arguments)
{
    int stream = zmtp_connect((int)parse_number(arguments[2], "PORT"), "PUB");
    pthread_t reader;
    if (pthread_create(&reader, NULL, discard, &stream) != 0)
        fail(0, "no thread");
    printf("ready\n");
    long first, last;
    while (scanf("%ld %ld", &first, &last) == 2) {
        size_t size = (size_t)(last - first + 1) * FRAME_SIZE;
        unsigned char *frames = calloc(1, size), *frame = frames;
        if (frames == NULL)
            fail(errno, "messages");
        for (long number = first; number <= last; number++, frame += FRAME_SIZE) {
            char text[32];
            zmtp_put_header(frame, BODY_SIZE);
            snprintf(text, sizeof text, "%0*ld", NUMBER_SIZE, number);
            memcpy(frame + 2, text, NUMBER_SIZE);
        }
        double begin = monotonic_seconds();
        write_fully(stream, frames, size);
        free(frames);
        printf("{\"at\":%.6f}\n", begin);
    }
}

int main(int count, char **arguments)
{
    setlinebuf(stdout);
    raise_file_limit();
    if (count > 3 && strcmp(arguments[1], "subscribe") == 0)
        subscribe(count, arguments);
    else if (count == 3 && strcmp(arguments[1], "publish") == 0)
        publish(arguments);
    else
        fail(0, "usage: crowd_load subscribe COUNT PORT… or crowd_load publish PORT");
    return 0;
}
