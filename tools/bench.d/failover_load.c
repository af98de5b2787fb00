/*
 * Load on a tree while one of its relays dies, and what each subscriber had of it.
 *
 *     failover_load zmq|nats RATE BEFORE AFTER PUBLISHERS SUBSCRIBERS PORT…
 *
 * The first PUBLISHERS ports of 127.0.0.1 get a publisher each, the others a subscriber of everything; each is a thread. When every subscriber has
 * had something of every publisher, numbered messages of 64 bytes go out at RATE a second in all. After BEFORE milliseconds a line "event" is printed,
 * AFTER milliseconds later publishing ends, and when nothing more has come for a while one JSON line says what happened.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include "common.h"

enum {
    BODY_SIZE = 64,
    PUBLISHER_COUNT_MAX = 255,
    NUMBER_BITS = 24,
    PACE_MS = 1,
    QUIET_MS = 2000,
    SERVICE_SECONDS_MAX = 30,
    LINE_SIZE = 256,
    READ_SIZE = 1 << 16,
};

/* A place where messages go in or come out: a socket of libzmq, or a connection to a NATS server. */
struct end {
    void *socket;
    int stream;
    size_t start, size;
    char buffer[READ_SIZE];
};

struct publisher {
    pthread_t thread;
    int index;
    long port;
    uint32_t sent;
};

struct subscriber {
    pthread_t thread;
    long port;
    /* In the order of their coming: publisher and number, from 1. */
    uint32_t *messages;
    size_t count, capacity;
    _Atomic long served_count;
    bool is_served[PUBLISHER_COUNT_MAX];
    double last_at, silence;
};

static bool is_nats;
static void *context;
static long rate, publisher_count, subscriber_count;
static struct publisher publishers[PUBLISHER_COUNT_MAX];
static struct subscriber *subscribers;
/* 0: messages without a number; 1: numbered ones; 2: publishing is over; 3: and everything has come. */
static _Atomic int phase;
static _Atomic double event_at, end_at;

/* -------- ends */

static void write_all(int stream, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = send(stream, bytes, size, MSG_NOSIGNAL);
        if (written <= 0)
            fail(errno, "a connection of the load itself broke");
        bytes += written;
        size -= (size_t)written;
    }
}

static void open_nats(struct end *end, long port, bool subscribes)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    end->stream = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(end->stream, (struct sockaddr *)&address, sizeof address) != 0)
        fail(errno, "127.0.0.1:%ld", port);
    setsockopt(end->stream, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct timeval wait = {.tv_usec = 100000};
    setsockopt(end->stream, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    const char *hello = subscribes ? "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB t 1\r\n"
                                   : "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n";
    write_all(end->stream, hello, strlen(hello));
}

static void open_zmq(struct end *end, long port, bool subscribes)
{
    int unlimited = 0, wait_ms = 100;
    char endpoint[LINE_SIZE];
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%ld", port);
    end->socket = zmq_socket(context, subscribes ? ZMQ_SUB : ZMQ_PUB);
    zmq_setsockopt(end->socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(end->socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(end->socket, ZMQ_LINGER, &wait_ms, sizeof wait_ms);
    zmq_setsockopt(end->socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    if (subscribes)
        zmq_setsockopt(end->socket, ZMQ_SUBSCRIBE, "", 0);
    if (zmq_connect(end->socket, endpoint) != 0)
        fail(errno, "%s", endpoint);
}

static void open_end(struct end *end, long port, bool subscribes)
{
    memset(end, 0, sizeof *end);
    if (is_nats)
        open_nats(end, port, subscribes);
    else
        open_zmq(end, port, subscribes);
}

/* A server asks now and then whether its client lives. */
static void answer_pings(struct end *end)
{
    char bytes[LINE_SIZE];
    ssize_t size = recv(end->stream, bytes, sizeof bytes - 1, MSG_DONTWAIT);
    if (size <= 0)
        return;
    bytes[size] = '\0';
    if (strstr(bytes, "PING") != NULL)
        write_all(end->stream, "PONG\r\n", 6);
}

static void send_message(struct end *end, const char *body)
{
    if (!is_nats) {
        zmq_send(end->socket, body, BODY_SIZE, 0);
        return;
    }
    char frame[LINE_SIZE];
    int size = snprintf(frame, sizeof frame, "PUB t %d\r\n%.*s\r\n", BODY_SIZE, BODY_SIZE, body);
    write_all(end->stream, frame, (size_t)size);
}

/* The next whole line or message of a NATS connection; NULL when there is none yet. */
static const char *next_nats(struct end *end)
{
    for (;;) {
        char *begin = end->buffer + end->start;
        char *line_end = memmem(begin, end->size - end->start, "\r\n", 2);
        if (line_end != NULL && strncmp(begin, "MSG", 3) == 0) {
            char *body = line_end + 2;
            if (body + BODY_SIZE + 2 <= end->buffer + end->size) {
                end->start = (size_t)(body + BODY_SIZE + 2 - end->buffer);
                return body;
            }
        } else if (line_end != NULL) {
            if (strncmp(begin, "PING", 4) == 0)
                write_all(end->stream, "PONG\r\n", 6);
            end->start = (size_t)(line_end + 2 - end->buffer);
            continue;
        }
        memmove(end->buffer, begin, end->size - end->start);
        end->size -= end->start;
        end->start = 0;
        ssize_t size = recv(end->stream, end->buffer + end->size, READ_SIZE - end->size, 0);
        if (size == 0)
            fail(0, "a server has closed the connection of a subscriber");
        if (size < 0)
            return NULL;
        end->size += (size_t)size;
    }
}

/* A message's body; NULL when none has come for a while. */
static const char *receive_message(struct end *end)
{
    if (is_nats)
        return next_nats(end);
    int size = zmq_recv(end->socket, end->buffer, BODY_SIZE, 0);
    return size == BODY_SIZE ? end->buffer : NULL;
}

/* -------- threads */

static void *publish(void *argument)
{
    struct publisher *publisher = argument;
    struct end *end = malloc(sizeof *end);
    open_end(end, publisher->port, false);
    char body[BODY_SIZE + 1];
    double began = 0;
    while (phase < 2) {
        if (is_nats)
            answer_pings(end);
        if (phase == 0) {
            snprintf(body, sizeof body, "%03d %010d %*s", publisher->index, 0, BODY_SIZE - 15, "");
            send_message(end, body);
            sleep_milliseconds(50);
            continue;
        }
        double now = monotonic_seconds();
        if (began == 0)
            began = now;
        uint32_t due = (uint32_t)((now - began) * (double)rate / (double)publisher_count);
        while (publisher->sent < due) {
            publisher->sent++;
            snprintf(body, sizeof body, "%03d %010u %*s", publisher->index, publisher->sent, BODY_SIZE - 15, "");
            send_message(end, body);
        }
        sleep_milliseconds(PACE_MS);
    }
    while (phase < 3) {
        if (is_nats)
            answer_pings(end);
        sleep_milliseconds(50);
    }
    return NULL;
}

static void note_silence(struct subscriber *subscriber, double now)
{
    double begin = event_at, end = end_at;
    if (begin == 0 || subscriber->last_at == 0)
        return;
    double from = subscriber->last_at > begin ? subscriber->last_at : begin;
    double until = end != 0 && now > end ? end : now;
    if (until - from > subscriber->silence)
        subscriber->silence = until - from;
}

static void *subscribe(void *argument)
{
    struct subscriber *subscriber = argument;
    struct end *end = malloc(sizeof *end);
    open_end(end, subscriber->port, true);
    while (phase < 3) {
        const char *body = receive_message(end);
        double now = monotonic_seconds();
        note_silence(subscriber, now);
        if (body == NULL)
            continue;
        char text[15] = "";
        memcpy(text, body, sizeof text - 1);
        uint32_t index = (uint32_t)strtoul(text, NULL, 10), number = (uint32_t)strtoul(text + 4, NULL, 10);
        if (index >= (uint32_t)publisher_count || number >> NUMBER_BITS != 0)
            fail(0, "a message that nobody sent: %s", text);
        if (!subscriber->is_served[index]) {
            subscriber->is_served[index] = true;
            subscriber->served_count++;
        }
        if (number == 0)
            continue;
        subscriber->last_at = now;
        if (subscriber->count == subscriber->capacity) {
            subscriber->capacity = subscriber->capacity == 0 ? 1 << 20 : subscriber->capacity * 2;
            subscriber->messages = realloc(subscriber->messages, subscriber->capacity * sizeof(uint32_t));
            if (subscriber->messages == NULL)
                fail(errno, "memory for what a subscriber had");
        }
        subscriber->messages[subscriber->count++] = index << NUMBER_BITS | number;
    }
    return NULL;
}

/* -------- verdict */

struct verdict {
    uint64_t lost, doubled, misplaced;
};

static uint32_t index_of(uint32_t message) { return message >> NUMBER_BITS; }
static uint32_t number_of(uint32_t message) { return message & ((1 << NUMBER_BITS) - 1); }

/* Where each message stands in what a subscriber had, from 1; 0 = it had it not. */
static uint32_t **places_of(const struct subscriber *subscriber, struct verdict *verdict)
{
    uint32_t **places = calloc((size_t)publisher_count, sizeof *places);
    for (long index = 0; index < publisher_count; index++)
        places[index] = calloc((size_t)publishers[index].sent + 1, sizeof **places);
    uint64_t distinct = 0, sent = 0;
    for (size_t place = 0; place < subscriber->count; place++) {
        uint32_t message = subscriber->messages[place];
        uint32_t *at = &places[index_of(message)][number_of(message)];
        if (*at != 0) {
            verdict->doubled++;
        } else {
            *at = (uint32_t)place + 1;
            distinct++;
        }
    }
    for (long index = 0; index < publisher_count; index++)
        sent += publishers[index].sent;
    verdict->lost = sent - distinct;
    return places;
}

/* Messages that come behind one that another subscriber, or their publisher, has before them. */
static uint64_t count_misplaced(const struct subscriber *subscriber, uint32_t **others)
{
    uint32_t farthest = 0, newest[PUBLISHER_COUNT_MAX] = {0};
    uint64_t misplaced = 0;
    for (size_t place = 0; place < subscriber->count; place++) {
        uint32_t message = subscriber->messages[place];
        uint32_t at = others[index_of(message)][number_of(message)];
        bool isLate = number_of(message) < newest[index_of(message)] || (at != 0 && at < farthest);
        misplaced += isLate;
        if (at > farthest)
            farthest = at;
        if (number_of(message) > newest[index_of(message)])
            newest[index_of(message)] = number_of(message);
    }
    return misplaced;
}

static void print_verdict(void)
{
    struct verdict ignored = {0};
    uint32_t **first = places_of(&subscribers[0], &ignored);
    uint64_t sent = 0;
    for (long index = 0; index < publisher_count; index++)
        sent += publishers[index].sent;
    printf("{\"sent\": %llu, \"subscribers\": [", (unsigned long long)sent);
    for (long number = 0; number < subscriber_count; number++) {
        struct subscriber *subscriber = &subscribers[number];
        struct verdict verdict = {0};
        places_of(subscriber, &verdict);
        verdict.misplaced = count_misplaced(subscriber, first);
        printf("%s{\"lost\": %llu, \"doubled\": %llu, \"misplaced\": %llu, \"silenceSeconds\": %.4f}",
               number == 0 ? "" : ", ", (unsigned long long)verdict.lost, (unsigned long long)verdict.doubled,
               (unsigned long long)verdict.misplaced, subscriber->silence);
    }
    printf("]}\n");
}

/* -------- the run */

static void await_service(void)
{
    for (double begin = monotonic_seconds();;) {
        bool is_served = true;
        for (long number = 0; number < subscriber_count; number++)
            is_served = is_served && subscribers[number].served_count == publisher_count;
        if (is_served)
            break;
        if (monotonic_seconds() - begin > SERVICE_SECONDS_MAX)
            fail(0, "a subscriber has had nothing of some publisher after %d s", SERVICE_SECONDS_MAX);
        sleep_milliseconds(20);
    }
    sleep_milliseconds(500);
}

static void await_quiet(void)
{
    for (;;) {
        double newest = 0;
        for (long number = 0; number < subscriber_count; number++)
            if (subscribers[number].last_at > newest)
                newest = subscribers[number].last_at;
        double from = newest > end_at ? newest : end_at;
        if (monotonic_seconds() - from > QUIET_MS / 1000.0)
            return;
        sleep_milliseconds(100);
    }
}

int main(int count, char **arguments)
{
    if (count < 8)
        fail(0, "usage: failover_load zmq|nats RATE BEFORE AFTER PUBLISHERS SUBSCRIBERS PORT…");
    is_nats = strcmp(arguments[1], "nats") == 0;
    rate = parse_number(arguments[2], "RATE");
    long before = parse_number(arguments[3], "BEFORE"), after = parse_number(arguments[4], "AFTER");
    publisher_count = parse_number(arguments[5], "PUBLISHERS");
    subscriber_count = parse_number(arguments[6], "SUBSCRIBERS");
    if (publisher_count < 1 || publisher_count > PUBLISHER_COUNT_MAX || subscriber_count < 1
        || count != 7 + publisher_count + subscriber_count)
        fail(0, "there must be a port for each publisher and subscriber, and at least one of both");
    context = zmq_ctx_new();
    subscribers = calloc((size_t)subscriber_count, sizeof *subscribers);
    for (long number = 0; number < subscriber_count; number++) {
        subscribers[number].port = parse_number(arguments[7 + publisher_count + number], "PORT");
        pthread_create(&subscribers[number].thread, NULL, subscribe, &subscribers[number]);
    }
    for (long number = 0; number < publisher_count; number++) {
        publishers[number].index = (int)number;
        publishers[number].port = parse_number(arguments[7 + number], "PORT");
        pthread_create(&publishers[number].thread, NULL, publish, &publishers[number]);
    }
    await_service();
    phase = 1;
    sleep_milliseconds(before);
    printf("event\n");
    fflush(stdout);
    event_at = monotonic_seconds();
    sleep_milliseconds(after);
    phase = 2;
    end_at = monotonic_seconds();
    await_quiet();
    phase = 3;
    for (long number = 0; number < publisher_count; number++)
        pthread_join(publishers[number].thread, NULL);
    for (long number = 0; number < subscriber_count; number++)
        pthread_join(subscribers[number].thread, NULL);
    print_verdict();
    return 0;
}
