/*
 * What a ROUTER that sends everything back costs at least: one thread that reads a connection and writes the same octets to it.
 *
 *     echo_loop router tcp://127.0.0.1:PORT
 *
 * It parses nothing after the handshake: a DEALER's message comes and goes in the same octets, since its address is never sent. It ends
 * with its standard input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "zmtp.h"

enum {
    EVENT_COUNT_MAX = 256,
    READ_SIZE = 64 << 10,
    BACKLOG = 1024,
};

static void watch(int poller, int descriptor)
{
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &interest) != 0)
        fail(errno, "epoll_ctl");
}

static int listen_at(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* What is accepted has it from the listener. */
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, BACKLOG) != 0)
        fail(errno, "cannot listen on port %d", port);
    return listener;
}

/* Whether the connection still stands. */
static bool send_back(int stream)
{
    static char octets[READ_SIZE];
    ssize_t taken = recv(stream, octets, sizeof octets, MSG_DONTWAIT);
    if (taken < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (taken <= 0)
        return false;
    write_fully(stream, octets, (size_t)taken);
    return true;
}

int main(int count, char **arguments)
{
    const char *port = count == 3 ? strrchr(arguments[2], ':') : NULL;
    if (port == NULL || strcmp(arguments[1], "router") != 0)
        fail(0, "usage: echo_loop router tcp://127.0.0.1:PORT");
    raise_file_limit();
    int poller = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_at((int)parse_number(port + 1, "PORT"));
    watch(poller, listener);
    watch(poller, STDIN_FILENO);
    for (;;) {
        struct epoll_event events[EVENT_COUNT_MAX];
        int ready = epoll_wait(poller, events, EVENT_COUNT_MAX, -1);
        for (int index = 0; index < ready; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == STDIN_FILENO)
                return 0;
            if (descriptor == listener) {
                int stream = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
                if (stream < 0)
                    fail(errno, "accept");
                zmtp_shake_hands(stream, "ROUTER");
                watch(poller, stream);
            } else if (!send_back(descriptor)) {
                close(descriptor);
            }
        }
    }
}
