/*
 * Loads a socket or a proxy from outside, at little cost of its own.
 *
 *     request_load router PORT CLIENTS WINDOW SIZE COUNT PID
 *     request_load proxy  FRONTEND BACKEND CLIENTS WINDOW SIZE COUNT PID
 *     request_load push   PORT SINKS SIZE COUNT PID
 *     request_load idle   PORT CLIENTS PID
 *
 * router: CLIENTS raw DEALERs send messages of SIZE octets to a ROUTER that sends each back, COUNT in all, and each client
 * has at most WINDOW of them under way. proxy: the same through a proxy, with workers at BACKEND that send back what they get. push:
 * raw PULLs that throw away what they get, COUNT messages in all. idle: what each of many connections takes in the process
 * that listens. PORTs are of 127.0.0.1; PID is the process that is measured. The result is one JSON line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common.h"
#include "zmtp.h"

enum {
    EVENT_COUNT_MAX = 256,
    READ_SIZE = 64 << 10,
    WINDOW_MAX = 1000,
    WORKER_COUNT = 4,
    WARM_UP_SHARE = 10,
    SETTLE_MS = 1000,
    SILENCE_MS = 10000,
};

struct peer {
    int stream;
    bool is_worker;
    /* Octets that came and are not a whole message yet. */
    size_t partial;
};

struct load {
    struct peer *peers;
    long peer_count;
    int poller;
    /* One message as it lies on the wire, many times over. */
    unsigned char *messages;
    size_t message_size;
    long sent_count, received_count, count;
};

static void add_peer(struct load *load, int port, const char *type, bool is_worker)
{
    struct peer *peer = &load->peers[load->peer_count++];
    peer->stream = zmtp_connect(port, type);
    peer->is_worker = is_worker;
    struct epoll_event interest = {.events = EPOLLIN, .data.ptr = peer};
    if (epoll_ctl(load->poller, EPOLL_CTL_ADD, peer->stream, &interest) != 0)
        fail(errno, "epoll_ctl");
}

static void prepare(struct load *load, long peer_count, size_t size)
{
    unsigned char header[ZMTP_HEADER_SIZE_MAX];
    size_t header_size = zmtp_put_header(header, size);
    load->message_size = header_size + size;
    load->messages = calloc(WINDOW_MAX, load->message_size);
    load->peers = calloc((size_t)peer_count, sizeof *load->peers);
    load->poller = epoll_create1(EPOLL_CLOEXEC);
    if (load->messages == NULL || load->peers == NULL || load->poller < 0)
        fail(errno, "load");
    for (long index = 0; index < WINDOW_MAX; index++)
        memcpy(load->messages + (size_t)index * load->message_size, header, header_size);
}

static void send_messages(struct load *load, struct peer *peer, long count)
{
    if (count > load->count - load->sent_count)
        count = load->count - load->sent_count;
    if (count <= 0)
        return;
    load->sent_count += count;
    write_fully(peer->stream, load->messages, (size_t)count * load->message_size);
}

/* A client takes its replies and sends as many requests again; a worker sends back what it gets; a sink takes it. */
static void take(struct load *load, struct peer *peer, bool sends)
{
    static unsigned char buffer[READ_SIZE];
    ssize_t taken = recv(peer->stream, buffer, sizeof buffer, MSG_DONTWAIT);
    if (taken == 0 || (taken < 0 && errno != EAGAIN && errno != EINTR))
        fail(taken < 0 ? errno : 0, "a connection was closed");
    if (taken < 0)
        return;
    if (peer->is_worker) {
        write_fully(peer->stream, buffer, (size_t)taken);
        return;
    }
    size_t have = peer->partial + (size_t)taken;
    long whole = (long)(have / load->message_size);
    peer->partial = have % load->message_size;
    load->received_count += whole;
    if (sends)
        send_messages(load, peer, whole);
}

static void take_until(struct load *load, long count, bool sends)
{
    struct epoll_event events[EVENT_COUNT_MAX];
    while (load->received_count < count) {
        int ready = epoll_wait(load->poller, events, EVENT_COUNT_MAX, SILENCE_MS);
        if (ready == 0)
            fail(0, "nothing came for %d s; %ld of %ld messages are there",
                SILENCE_MS / 1000, load->received_count, load->count);
        for (int index = 0; index < ready; index++)
            take(load, events[index].data.ptr, sends);
    }
}

static void report(struct load *load, pid_t process, double begin, double cpu, long counted)
{
    double seconds = monotonic_seconds() - begin;
    double cpu_seconds = process_cpu_seconds(process) - cpu;
    printf("{\"messages\":%ld,\"messagesPerSecond\":%.0f,\"nanosecondsPerMessage\":%.1f}\n",
        load->received_count, (double)counted / seconds, cpu_seconds * 1e9 / (double)counted);
}

static void load_requests(struct load *load, long window, pid_t process)
{
    long warm_up = load->count / WARM_UP_SHARE;
    sleep_milliseconds(SETTLE_MS);
    for (long index = 0; index < load->peer_count; index++)
        if (!load->peers[index].is_worker)
            send_messages(load, &load->peers[index], window);
    take_until(load, warm_up, true);
    warm_up = load->received_count;
    double begin = monotonic_seconds(), cpu = process_cpu_seconds(process);
    take_until(load, load->count, true);
    report(load, process, begin, cpu, load->count - warm_up);
}

static void load_sinks(struct load *load, pid_t process)
{
    take_until(load, 1, false);
    long first = load->received_count;
    double begin = monotonic_seconds(), cpu = process_cpu_seconds(process);
    take_until(load, load->count, false);
    report(load, process, begin, cpu, load->count - first);
}

static void measure_idle(struct load *load, int port, long clients, pid_t process)
{
    sleep_milliseconds(SETTLE_MS);
    size_t before = process_memory_bytes(process, "RssAnon");
    for (long index = 0; index < clients; index++)
        add_peer(load, port, "DEALER", false);
    sleep_milliseconds(SETTLE_MS);
    size_t after = process_memory_bytes(process, "RssAnon");
    printf("{\"connections\":%ld,\"bytesPerConnection\":%.0f}\n", clients,
        (double)(after - before) / (double)clients);
}

struct mode {
    const char *name;
    int argument_count;
    bool has_backend, has_window, has_messages;
};

static const struct mode modes[] = {
    {"router", 8, false, true, true},
    {"proxy", 9, true, true, true},
    {"push", 7, false, false, true},
    {"idle", 5, false, false, false},
};

static const struct mode *find_mode(int count, char **arguments)
{
    for (size_t index = 0; count > 1 && index < sizeof modes / sizeof *modes; index++)
        if (strcmp(modes[index].name, arguments[1]) == 0 && modes[index].argument_count == count)
            return &modes[index];
    fail(0, "usage: request_load router PORT CLIENTS WINDOW SIZE COUNT PID,"
        " proxy FRONTEND BACKEND CLIENTS WINDOW SIZE COUNT PID, push PORT SINKS SIZE COUNT PID,"
        " idle PORT CLIENTS PID");
}

int main(int count, char **arguments)
{
    struct load load = {0};
    const struct mode *mode = find_mode(count, arguments);
    int next = 2;
    raise_file_limit();
    int port = (int)parse_number(arguments[next++], "PORT");
    int backend = mode->has_backend ? (int)parse_number(arguments[next++], "BACKEND") : 0;
    long peers = parse_number(arguments[next++], "PEERS");
    long window = mode->has_window ? parse_number(arguments[next++], "WINDOW") : 0;
    size_t size = mode->has_messages ? (size_t)parse_number(arguments[next++], "SIZE") : 0;
    load.count = mode->has_messages ? parse_number(arguments[next++], "COUNT") : 0;
    pid_t process = (pid_t)parse_number(arguments[next], "PID");
    if (window > WINDOW_MAX)
        fail(0, "WINDOW is at most %d", WINDOW_MAX);
    prepare(&load, peers + WORKER_COUNT, size);
    if (!mode->has_messages) {
        measure_idle(&load, port, peers, process);
        return 0;
    }
    for (long index = 0; mode->has_backend && index < WORKER_COUNT; index++)
        add_peer(&load, backend, "ROUTER", true);
    for (long index = 0; index < peers; index++)
        add_peer(&load, port, mode->has_window ? "DEALER" : "PULL", false);
    mode->has_window ? load_requests(&load, window, process) : load_sinks(&load, process);
    return 0;
}
