/*
 * libzmq over PGM: one PUB or one SUB, one call per message.
 *
 *     zmq_multicast publish ENDPOINT SIZE COUNT [KEY=VALUE ...]
 *     zmq_multicast receive ENDPOINT SIZE COUNT [KEY=VALUE ...]
 *
 * Keys: rate (kbit/s), recovery (ms), buffer (octets, of the kernel), tpdu (octets), pace (messages/s,
 * 0 = none). Each message begins with its number, 8 octets of the machine's order.
 *
 * Both print the line "ready" once the socket is open; a publisher then waits for a line on standard
 * input, sends, and waits for the end of standard input, since somebody may still need a repair. A
 * receiver leaves after COUNT messages, or when none came for a while. The last line is one JSON object;
 * CPU seconds are counted from "ready" on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "common.h"

enum { MESSAGE_SIZE_MAX = 1 << 20, FIRST_MILLISECONDS_MAX = 15000, SILENCE_MILLISECONDS_MAX = 3000 };

struct job {
    const char *endpoint;
    size_t size;
    long count;
    long rate, recovery, buffer, tpdu, pace;
};

static void set(void *socket, int option, long value, const char *name)
{
    int number = (int)value;
    if (value > 0 && zmq_setsockopt(socket, option, &number, sizeof number) != 0)
        fail(errno, "%s=%ld", name, value);
}

static void *open_socket(const struct job *job, void *context, int type)
{
    void *socket = zmq_socket(context, type);
    if (socket == NULL)
        fail(errno, "zmq_socket");
    set(socket, ZMQ_RATE, job->rate, "rate");
    set(socket, ZMQ_RECOVERY_IVL, job->recovery, "recovery");
    set(socket, ZMQ_SNDBUF, job->buffer, "buffer");
    set(socket, ZMQ_RCVBUF, job->buffer, "buffer");
    set(socket, ZMQ_MULTICAST_MAXTPDU, job->tpdu, "tpdu");
    /* Without limit, for libzmq drops at the mark. */
    int unlimited = 0;
    zmq_setsockopt(socket, type == ZMQ_PUB ? ZMQ_SNDHWM : ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    if (type == ZMQ_SUB)
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    if (zmq_bind(socket, job->endpoint) != 0)
        fail(errno, "%s", job->endpoint);
    return socket;
}

static void say_ready(void)
{
    puts("ready");
    fflush(stdout);
}

static void sleep_until(double deadline)
{
    double left = deadline - monotonic_seconds();
    if (left <= 0)
        return;
    struct timespec time = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
    nanosleep(&time, NULL);
}

static void publish(const struct job *job)
{
    static char bytes[MESSAGE_SIZE_MAX];
    char line[16];
    void *context = zmq_ctx_new();
    void *socket = open_socket(job, context, ZMQ_PUB);
    say_ready();
    double cpu = process_cpu_seconds(getpid());
    if (fgets(line, sizeof line, stdin) == NULL)
        return;
    double begin = monotonic_seconds();
    for (long number = 0; number < job->count; number++) {
        memcpy(bytes, &(uint64_t){(uint64_t)number}, sizeof(uint64_t));
        /* A few at a time: a sleep for each would be the larger part of the work. */
        if (job->pace > 0 && number % 8 == 0)
            sleep_until(begin + (double)number / (double)job->pace);
        if (zmq_send(socket, bytes, job->size, 0) < 0)
            fail(errno, "zmq_send");
    }
    double seconds = monotonic_seconds() - begin;
    while (fgets(line, sizeof line, stdin) != NULL)
        ;
    cpu = process_cpu_seconds(getpid()) - cpu;
    printf("{\"sent\":%ld,\"seconds\":%.6f,\"cpuSeconds\":%.6f}\n", job->count, seconds, cpu);
    fflush(stdout);
    _exit(0);
}

static void receive(const struct job *job)
{
    static char bytes[MESSAGE_SIZE_MAX];
    void *context = zmq_ctx_new();
    void *socket = open_socket(job, context, ZMQ_SUB);
    set(socket, ZMQ_RCVTIMEO, FIRST_MILLISECONDS_MAX, "wait");
    say_ready();
    double cpu = process_cpu_seconds(getpid()), begin = 0, end = 0;
    long received = 0, lost = 0, first = -1;
    uint64_t next = 0;
    while ((long)next < job->count) {
        int size = zmq_recv(socket, bytes, sizeof bytes, 0);
        if (size < (int)sizeof(uint64_t))
            break;
        uint64_t number;
        memcpy(&number, bytes, sizeof number);
        end = monotonic_seconds();
        if (received++ == 0) {
            begin = end;
            first = (long)number;
            next = number;
            set(socket, ZMQ_RCVTIMEO, SILENCE_MILLISECONDS_MAX, "wait");
        }
        lost += (long)(number - next);
        next = number + 1;
    }
    cpu = process_cpu_seconds(getpid()) - cpu;
    lost += first + job->count - (long)next;
    printf("{\"received\":%ld,\"lost\":%ld,\"first\":%ld,\"seconds\":%.6f,\"cpuSeconds\":%.6f}\n",
           received, lost, first, end - begin, cpu);
    fflush(stdout);
    _exit(0);
}

static void read_key(struct job *job, char *text)
{
    const struct {
        const char *name;
        long *value;
    } keys[] = {
        {"rate", &job->rate},     {"recovery", &job->recovery}, {"buffer", &job->buffer},
        {"tpdu", &job->tpdu},     {"pace", &job->pace},
    };
    char *value = strchr(text, '=');
    if (value == NULL)
        fail(0, "KEY=VALUE expected, not %s", text);
    *value++ = '\0';
    for (size_t index = 0; index < sizeof keys / sizeof keys[0]; index++) {
        if (strcmp(keys[index].name, text) == 0) {
            *keys[index].value = parse_number(value, text);
            return;
        }
    }
    fail(0, "no key is called %s", text);
}

int main(int count, char **arguments)
{
    if (count < 5)
        fail(0, "usage: zmq_multicast publish|receive ENDPOINT SIZE COUNT [KEY=VALUE ...]");
    struct job job = {
        .endpoint = arguments[2],
        .size = (size_t)parse_number(arguments[3], "SIZE"),
        .count = parse_number(arguments[4], "COUNT"),
    };
    if (job.size < sizeof(uint64_t) || job.size > MESSAGE_SIZE_MAX)
        fail(0, "SIZE is between 8 and %d", MESSAGE_SIZE_MAX);
    for (int index = 5; index < count; index++)
        read_key(&job, arguments[index]);
    if (strcmp(arguments[1], "publish") == 0)
        publish(&job);
    else
        receive(&job);
    return 0;
}
