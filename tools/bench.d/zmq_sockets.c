/*
 * What libzmq's own sockets do between two processes, one call per message.
 *
 *     zmq_sockets throughput pub-sub|push-pull SIZE COUNT
 *     zmq_sockets latency    pub-sub|req-rep   SIZE COUNT
 *
 * Over TCP on 127.0.0.1. PUB waits at its high-water mark (XPUB_NODROP), so nothing is lost.
 * Throughput is timed at the receiver from its first message to its last; latency is the mean
 * round trip. The result is one JSON line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "common.h"

enum { ENDPOINT_SIZE_MAX = 256, WARM_UP_COUNT = 100, MESSAGE_SIZE_MAX = 1 << 20 };

/* What every message consists of. */
static char bytes[MESSAGE_SIZE_MAX];

struct job {
    bool is_pub_sub;
    size_t size;
    long count;
    /* Endpoints that the parent bound, told to the child. */
    int pipe[2];
    void *context;
};

static void *make_socket(struct job *job, int type)
{
    int on = 1;
    void *socket = zmq_socket(job->context, type);
    if (socket == NULL)
        fail(errno, "zmq_socket");
    if (type == ZMQ_XPUB)
        zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &on, sizeof on);
    if (type == ZMQ_SUB)
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    return socket;
}

/* Parent: binds and tells the child where. */
static void *bind_socket(struct job *job, int type)
{
    char endpoint[ENDPOINT_SIZE_MAX] = "";
    size_t size = sizeof endpoint;
    void *socket = make_socket(job, type);
    if (zmq_bind(socket, "tcp://127.0.0.1:*") != 0
        || zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0
        || write(job->pipe[1], endpoint, sizeof endpoint) != sizeof endpoint)
        fail(errno, "bind");
    return socket;
}

/* Child: connects to the next endpoint that the parent tells. */
static void *connect_socket(struct job *job, int type)
{
    char endpoint[ENDPOINT_SIZE_MAX];
    void *socket = make_socket(job, type);
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

static void receive_message(void *socket, zmq_msg_t *message)
{
    if (zmq_msg_recv(message, socket, 0) < 0)
        fail(errno, "zmq_msg_recv");
}

static void send_all(struct job *job)
{
    void *socket = connect_socket(job, job->is_pub_sub ? ZMQ_XPUB : ZMQ_PUSH);
    if (job->is_pub_sub)
        await_subscription(socket);
    for (long sent = 0; sent < job->count; sent++)
        send_message(socket, job->size);
    zmq_close(socket);
    zmq_ctx_term(job->context);
}

static void receive_all(struct job *job)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    void *socket = bind_socket(job, job->is_pub_sub ? ZMQ_SUB : ZMQ_PULL);
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
    void *in = connect_socket(job, job->is_pub_sub ? ZMQ_SUB : ZMQ_REP);
    void *out = job->is_pub_sub ? connect_socket(job, ZMQ_XPUB) : in;
    if (job->is_pub_sub)
        await_subscription(out);
    for (long turn = 0; turn < job->count + WARM_UP_COUNT; turn++) {
        receive_message(in, &message);
        if (zmq_msg_send(&message, out, 0) < 0)
            fail(errno, "zmq_msg_send");
    }
    if (out != in)
        zmq_close(out);
    zmq_close(in);
    zmq_ctx_term(job->context);
}

static void time_round_trips(struct job *job)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    void *out = bind_socket(job, job->is_pub_sub ? ZMQ_XPUB : ZMQ_REQ);
    void *in = job->is_pub_sub ? bind_socket(job, ZMQ_SUB) : out;
    if (job->is_pub_sub)
        await_subscription(out);
    double begin = 0;
    for (long turn = -WARM_UP_COUNT; turn < job->count; turn++) {
        if (turn == 0)
            begin = monotonic_seconds();
        send_message(out, job->size);
        receive_message(in, &message);
    }
    double seconds = monotonic_seconds() - begin;
    printf("{\"roundTripMicroseconds\":%.2f}\n", seconds * 1e6 / (double)job->count);
}

int main(int count, char **arguments)
{
    if (count != 5)
        fail(0, "usage: zmq_sockets throughput|latency pub-sub|push-pull|req-rep SIZE COUNT");
    bool is_latency = strcmp(arguments[1], "latency") == 0;
    struct job job = {
        .is_pub_sub = strcmp(arguments[2], "pub-sub") == 0,
        .size = (size_t)parse_number(arguments[3], "SIZE"),
        .count = parse_number(arguments[4], "COUNT"),
    };
    if (job.size > MESSAGE_SIZE_MAX || job.count < 2)
        fail(0, "SIZE is at most %d, COUNT at least 2", MESSAGE_SIZE_MAX);
    if (pipe(job.pipe) != 0)
        fail(errno, "pipe");

    /* Contexts have threads, so each process makes its own after the fork. */
    pid_t child = fork();
    if (child < 0)
        fail(errno, "fork");
    job.context = zmq_ctx_new();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        is_latency ? echo_all(&job) : send_all(&job);
        return 0;
    }
    is_latency ? time_round_trips(&job) : receive_all(&job);
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
