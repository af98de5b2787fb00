/*
 * What libzmq's own sockets do, one call per message.
 *
 *     zmq_sockets throughput pub-sub|push-pull|dealer-router TRANSPORT SECURITY SIZE COUNT
 *     zmq_sockets latency    pub-sub|req-rep                 TRANSPORT SECURITY SIZE COUNT
 *     zmq_sockets serve      router ENDPOINT
 *     zmq_sockets serve      push   ENDPOINT PEERS SIZE COUNT
 *     zmq_sockets serve      proxy  FRONTEND BACKEND
 *
 * TRANSPORT is tcp (on 127.0.0.1) or ipc, between two processes, or inproc, between two threads; SECURITY is null or curve.
 * PUB waits at its high-water mark (XPUB_NODROP), so nothing is lost. Throughput is timed at the receiver from its first
 * message to its last, latency one round trip at a time. The result is one JSON line. `serve` goes on until it is ended: a
 * ROUTER that sends back what it gets, a PUSH that sends once PEERS are connected, a proxy between ROUTER and DEALER.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "common.h"

enum { ENDPOINT_SIZE_MAX = 256, KEY_SIZE = 41, WARM_UP_COUNT = 1000, MESSAGE_SIZE_MAX = 1 << 20 };

/* What every message consists of. */
static char bytes[MESSAGE_SIZE_MAX];

struct pattern {
    const char *name;
    /* Throughput goes from the second to the first; a round trip begins at the first. */
    int bound, connected;
};

static const struct pattern throughput_patterns[] = {
    {"pub-sub", ZMQ_SUB, ZMQ_XPUB},
    {"push-pull", ZMQ_PULL, ZMQ_PUSH},
    {"dealer-router", ZMQ_ROUTER, ZMQ_DEALER},
    {NULL, 0, 0},
};

static const struct pattern latency_patterns[] = {
    {"pub-sub", ZMQ_XPUB, ZMQ_SUB},
    {"req-rep", ZMQ_REQ, ZMQ_REP},
    {NULL, 0, 0},
};

struct job {
    const struct pattern *pattern;
    const char *transport;
    bool is_latency, is_secure;
    size_t size;
    long count;
    int bound_count;
    char public_keys[2][KEY_SIZE], secret_keys[2][KEY_SIZE];
    /* Endpoints that the first side bound, told to the other one. */
    int pipe[2];
    void *context;
};

static void secure(struct job *job, void *socket, bool is_server)
{
    int on = 1, own = is_server ? 0 : 1;
    if (!job->is_secure)
        return;
    if (is_server)
        zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on);
    else
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, job->public_keys[0], KEY_SIZE);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, job->public_keys[own], KEY_SIZE);
    if (zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, job->secret_keys[own], KEY_SIZE) != 0)
        fail(errno, "CURVE");
}

static void *make_socket(struct job *job, int type, bool is_server)
{
    int on = 1;
    void *socket = zmq_socket(job->context, type);
    if (socket == NULL)
        fail(errno, "zmq_socket");
    if (type == ZMQ_XPUB)
        zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &on, sizeof on);
    if (type == ZMQ_SUB)
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    secure(job, socket, is_server);
    return socket;
}

/* Binds and tells the other side where. */
static void *bind_socket(struct job *job, int type)
{
    char endpoint[ENDPOINT_SIZE_MAX] = "", wanted[ENDPOINT_SIZE_MAX];
    size_t size = sizeof endpoint;
    void *socket = make_socket(job, type, true);
    if (strcmp(job->transport, "inproc") == 0)
        snprintf(wanted, sizeof wanted, "inproc://bench-%d", job->bound_count++);
    else
        snprintf(wanted, sizeof wanted, "%s://%s", job->transport,
            strcmp(job->transport, "tcp") == 0 ? "127.0.0.1:*" : "*");
    if (zmq_bind(socket, wanted) != 0
        || zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0
        || write(job->pipe[1], endpoint, sizeof endpoint) != sizeof endpoint)
        fail(errno, "bind %s", wanted);
    return socket;
}

/* Connects to the next endpoint that the other side tells. */
static void *connect_socket(struct job *job, int type)
{
    char endpoint[ENDPOINT_SIZE_MAX];
    void *socket = make_socket(job, type, false);
    if (read(job->pipe[0], endpoint, sizeof endpoint) != sizeof endpoint
        || zmq_connect(socket, endpoint) != 0)
        fail(errno, "connect");
    return socket;
}

/* An XPUB sends like a PUB and also shows when the subscription is there: no guess is needed. */
static void await_subscription(void *publisher)
{
    char subscription[8];
    if (zmq_recv(publisher, subscription, sizeof subscription, 0) < 0)
        fail(errno, "subscription");
}

static void send_message(void *socket, size_t size)
{
    if (zmq_send(socket, bytes, size, 0) < 0)
        fail(errno, "zmq_send");
}

static void receive_frame(void *socket, zmq_msg_t *frame)
{
    if (zmq_msg_recv(frame, socket, 0) < 0)
        fail(errno, "zmq_msg_recv");
}

/* All frames of one message; the last is kept. */
static void receive_message(void *socket, zmq_msg_t *message)
{
    do
        receive_frame(socket, message);
    while (zmq_msg_more(message));
}

static void send_all(struct job *job)
{
    void *socket = connect_socket(job, job->pattern->connected);
    if (job->pattern->connected == ZMQ_XPUB)
        await_subscription(socket);
    for (long sent = 0; sent < job->count; sent++)
        send_message(socket, job->size);
    zmq_close(socket);
}

static void receive_all(struct job *job)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    void *socket = bind_socket(job, job->pattern->bound);
    receive_message(socket, &message);
    double begin = monotonic_seconds();
    for (long received = 1; received < job->count; received++)
        receive_message(socket, &message);
    double seconds = monotonic_seconds() - begin;
    printf("{\"messagesPerSecond\":%.0f}\n", (double)(job->count - 1) / seconds);
}

static void echo_all(struct job *job)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    bool has_two = job->pattern->connected == ZMQ_SUB;
    void *in = connect_socket(job, job->pattern->connected);
    void *out = has_two ? connect_socket(job, ZMQ_XPUB) : in;
    if (has_two)
        await_subscription(out);
    for (long turn = 0; turn < job->count + WARM_UP_COUNT; turn++) {
        receive_message(in, &message);
        if (zmq_msg_send(&message, out, 0) < 0)
            fail(errno, "zmq_msg_send");
    }
    if (has_two)
        zmq_close(out);
    zmq_close(in);
}

static int compare_times(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void time_round_trips(struct job *job)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    double *times = calloc((size_t)job->count, sizeof *times), sum = 0;
    if (times == NULL)
        fail(errno, "calloc");
    bool has_two = job->pattern->bound == ZMQ_XPUB;
    void *out = bind_socket(job, job->pattern->bound);
    void *in = has_two ? bind_socket(job, ZMQ_SUB) : out;
    if (has_two)
        await_subscription(out);
    for (long turn = -WARM_UP_COUNT; turn < job->count; turn++) {
        double begin = monotonic_seconds();
        send_message(out, job->size);
        receive_message(in, &message);
        if (turn >= 0)
            sum += times[turn] = (monotonic_seconds() - begin) * 1e6;
    }
    qsort(times, (size_t)job->count, sizeof *times, compare_times);
    printf("{\"roundTripMicroseconds\":%.2f,\"medianMicroseconds\":%.2f,"
        "\"percentile99Microseconds\":%.2f}\n",
        sum / (double)job->count, times[job->count / 2], times[job->count * 99 / 100]);
}

static void *run_other_side(void *argument)
{
    struct job *job = argument;
    job->is_latency ? echo_all(job) : send_all(job);
    return NULL;
}

static int measure(struct job *job)
{
    for (int side = 0; job->is_secure && side < 2; side++)
        if (zmq_curve_keypair(job->public_keys[side], job->secret_keys[side]) != 0)
            fail(errno, "zmq_curve_keypair");
    if (pipe(job->pipe) != 0)
        fail(errno, "pipe");
    bool is_one_process = strcmp(job->transport, "inproc") == 0;
    pid_t child = 0;
    pthread_t thread;
    /* Contexts have threads, so each process makes its own after the fork. */
    if (!is_one_process) {
        child = fork();
        if (child < 0)
            fail(errno, "fork");
    }
    job->context = zmq_ctx_new();
    if (!is_one_process && child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_other_side(job);
        zmq_ctx_term(job->context);
        return 0;
    }
    if (is_one_process)
        pthread_create(&thread, NULL, run_other_side, job);
    job->is_latency ? time_round_trips(job) : receive_all(job);
    if (is_one_process) {
        pthread_join(thread, NULL);
        return 0;
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

/* A socket that listens and never loses anything for want of room. */
static void *listen_at(void *context, int type, const char *endpoint)
{
    int backlog = 4096, high_water_mark = 100000;
    void *socket = zmq_socket(context, type);
    if (socket == NULL)
        fail(errno, "zmq_socket");
    zmq_setsockopt(socket, ZMQ_BACKLOG, &backlog, sizeof backlog);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &high_water_mark, sizeof high_water_mark);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &high_water_mark, sizeof high_water_mark);
    if (zmq_bind(socket, endpoint) != 0)
        fail(errno, "%s", endpoint);
    return socket;
}

static void serve_echo(void *context, const char *endpoint)
{
    void *router = listen_at(context, ZMQ_ROUTER, endpoint);
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    for (;;) {
        receive_frame(router, &frame);
        int flags = zmq_msg_more(&frame) ? ZMQ_SNDMORE : 0;
        if (zmq_msg_send(&frame, router, flags) < 0)
            fail(errno, "zmq_msg_send");
    }
}

static void serve_push(void *context, const char *endpoint, long peers, size_t size, long count)
{
    void *push = listen_at(context, ZMQ_PUSH, endpoint);
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    zmq_msg_t event;
    zmq_msg_init(&event);
    if (zmq_socket_monitor(push, "inproc://peers", ZMQ_EVENT_HANDSHAKE_SUCCEEDED) != 0
        || zmq_connect(monitor, "inproc://peers") != 0)
        fail(errno, "monitor");
    for (; peers > 0; peers--)
        receive_message(monitor, &event);
    for (long sent = 0; sent < count; sent++)
        send_message(push, size);
    pause();
}

static int serve(int count, char **arguments)
{
    void *context = zmq_ctx_new();
    raise_file_limit();
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 32768);
    if (count == 4 && strcmp(arguments[2], "router") == 0)
        serve_echo(context, arguments[3]);
    if (count == 5 && strcmp(arguments[2], "proxy") == 0) {
        void *frontend = listen_at(context, ZMQ_ROUTER, arguments[3]);
        zmq_proxy(frontend, listen_at(context, ZMQ_DEALER, arguments[4]), NULL);
    }
    if (count == 7 && strcmp(arguments[2], "push") == 0)
        serve_push(context, arguments[3], parse_number(arguments[4], "PEERS"),
            (size_t)parse_number(arguments[5], "SIZE"), parse_number(arguments[6], "COUNT"));
    fail(0, "serve router ENDPOINT | serve push ENDPOINT PEERS SIZE COUNT | serve proxy FRONTEND BACKEND");
}

static const struct pattern *find(const struct pattern *patterns, const char *name)
{
    for (; patterns->name != NULL; patterns++)
        if (strcmp(patterns->name, name) == 0)
            return patterns;
    fail(0, "there is no pattern %s to be measured so", name);
}

int main(int count, char **arguments)
{
    if (count > 2 && strcmp(arguments[1], "serve") == 0)
        return serve(count, arguments);
    if (count != 7)
        fail(0, "usage: zmq_sockets throughput|latency PATTERN TRANSPORT SECURITY SIZE COUNT");
    struct job job = {
        .is_latency = strcmp(arguments[1], "latency") == 0,
        .transport = arguments[3],
        .is_secure = strcmp(arguments[4], "curve") == 0,
        .size = (size_t)parse_number(arguments[5], "SIZE"),
        .count = parse_number(arguments[6], "COUNT"),
    };
    job.pattern = find(job.is_latency ? latency_patterns : throughput_patterns, arguments[2]);
    if (job.size > MESSAGE_SIZE_MAX || job.count < 2)
        fail(0, "SIZE is at most %d, COUNT at least 2", MESSAGE_SIZE_MAX);
    return measure(&job);
}
