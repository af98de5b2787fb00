/*
 * Loads a relay from outside by libzmq's sockets: one PUB, N SUBs that take everything, under CURVE or NULL.
 *
 *     curve_load PUBLISHERS SUBSCRIBERS COUNT SIZE MESSAGES RELAY_PID [SERVER_KEY]
 *
 * PUBLISHERS and SUBSCRIBERS are the relay's ports on 127.0.0.1; SERVER_KEY is its public key (Z85), without which there is no
 * CURVE. A run is complete when each subscriber has all messages. The result is one JSON line; the CPU is the relay's.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "common.h"

enum {
    PROBE_INTERVAL_MS = 20,
    QUIET_MS = 300,
    STALL_MS = 10000,
    SETUP_SECONDS_MAX = 60,
    KEY_SIZE = 41,
};

struct load {
    long subscriber_count, size, message_count;
    void *publisher;
    zmq_pollitem_t *subscribers;
    long *counts;
    char *message;
};

static void *connect_socket(void *context, int type, int port, const char *server_key)
{
    char public_key[KEY_SIZE], secret_key[KEY_SIZE], endpoint[64];
    int unlimited = 0, none = 0;
    void *socket = zmq_socket(context, type);
    if (socket == NULL)
        fail(errno, "zmq_socket");
    zmq_setsockopt(socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    if (server_key != NULL) {
        if (zmq_curve_keypair(public_key, secret_key) != 0)
            fail(errno, "this libzmq has no CURVE");
        if (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, strlen(server_key)) != 0)
            fail(errno, "SERVER_KEY");
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, KEY_SIZE - 1);
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, KEY_SIZE - 1);
    }
    if (type == ZMQ_SUB)
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port);
    if (zmq_connect(socket, endpoint) != 0)
        fail(errno, "%s", endpoint);
    return socket;
}

/* Takes what has come within `timeout_ms`; false when nothing came. */
static bool drain(struct load *load, int timeout_ms)
{
    if (zmq_poll(load->subscribers, (int)load->subscriber_count, timeout_ms) <= 0)
        return false;
    for (long index = 0; index < load->subscriber_count; index++) {
        if (!(load->subscribers[index].revents & ZMQ_POLLIN))
            continue;
        while (zmq_recv(load->subscribers[index].socket, NULL, 0, ZMQ_DONTWAIT) >= 0)
            load->counts[index]++;
    }
    return true;
}

static long served_count(const struct load *load, long owed)
{
    long served = 0;
    for (long index = 0; index < load->subscriber_count; index++)
        served += load->counts[index] >= owed;
    return served;
}

static void await_subscriptions(struct load *load)
{
    double deadline = monotonic_seconds() + SETUP_SECONDS_MAX;
    while (served_count(load, 1) < load->subscriber_count) {
        if (monotonic_seconds() > deadline)
            fail(0, "only %ld of %ld subscribers are served after %d s", served_count(load, 1),
                load->subscriber_count, SETUP_SECONDS_MAX);
        zmq_send(load->publisher, load->message, (size_t)load->size, 0);
        while (drain(load, PROBE_INTERVAL_MS))
            continue;
    }
    while (drain(load, QUIET_MS))
        continue;
    memset(load->counts, 0, (size_t)load->subscriber_count * sizeof *load->counts);
}

static void *publish(void *argument)
{
    const struct load *load = argument;
    for (long left = load->message_count; left > 0; left--)
        if (zmq_send(load->publisher, load->message, (size_t)load->size, 0) < 0)
            fail(errno, "zmq_send");
    return NULL;
}

int main(int count, char **arguments)
{
    if (count != 7 && count != 8)
        fail(0, "usage: curve_load PUBLISHERS SUBSCRIBERS COUNT SIZE MESSAGES RELAY_PID [SERVER_KEY]");
    struct load load = {
        .subscriber_count = parse_number(arguments[3], "COUNT"),
        .size = parse_number(arguments[4], "SIZE"),
        .message_count = parse_number(arguments[5], "MESSAGES"),
    };
    pid_t relay = (pid_t)parse_number(arguments[6], "RELAY_PID");
    const char *server_key = count == 8 ? arguments[7] : NULL;
    load.message = calloc(1, (size_t)load.size + 1);
    load.counts = calloc((size_t)load.subscriber_count, sizeof *load.counts);
    load.subscribers = calloc((size_t)load.subscriber_count, sizeof *load.subscribers);
    if (load.message == NULL || load.counts == NULL || load.subscribers == NULL)
        fail(errno, "load");

    void *context = zmq_ctx_new();
    int port = (int)parse_number(arguments[2], "SUBSCRIBERS");
    for (long index = 0; index < load.subscriber_count; index++) {
        load.subscribers[index].socket = connect_socket(context, ZMQ_SUB, port, server_key);
        load.subscribers[index].events = ZMQ_POLLIN;
    }
    port = (int)parse_number(arguments[1], "PUBLISHERS");
    load.publisher = connect_socket(context, ZMQ_PUB, port, server_key);
    await_subscriptions(&load);

    double cpu_before = process_cpu_seconds(relay), begin = monotonic_seconds();
    pthread_t publisher;
    if (pthread_create(&publisher, NULL, publish, &load) != 0)
        fail(0, "no thread");
    while (served_count(&load, load.message_count) < load.subscriber_count && drain(&load, STALL_MS))
        continue;
    double wall_seconds = monotonic_seconds() - begin;
    double cpu_seconds = process_cpu_seconds(relay) - cpu_before;
    long complete = served_count(&load, load.message_count);
    printf("{\"subscribers\":%ld,\"complete\":%ld,\"deliveries\":%ld,\"wallSeconds\":%.6f,"
        "\"relayCPUSeconds\":%.6f}\n",
        load.subscriber_count, complete, load.subscriber_count * load.message_count, wall_seconds,
        cpu_seconds);
    /* The context ends with the process: its threads are not waited for. */
    fflush(stdout);
    _Exit(complete == load.subscriber_count ? 0 : 1);
}
