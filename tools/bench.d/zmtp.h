/* A raw ZMTP 3.0 peer on loopback TCP: just enough to load a relay at little cost of its own. */
#ifndef XYLEM_BENCH_ZMTP_H
#define XYLEM_BENCH_ZMTP_H

#include <stddef.h>

enum { ZMTP_HEADER_SIZE_MAX = 9 };

/* What is said in the greeting: 3.0 unless this is set to 1. From 3.1 on peers send PINGs. */
extern int zmtp_minor_version;

/* Connects to 127.0.0.1:port and shakes hands as `socket_type` ("PUB" or "SUB"); waits up to ten
 * seconds for a relay that is still starting. Gives the blocking socket. */
int zmtp_connect(int port, const char *socket_type);

/* The same with further properties in READY, encoded. */
int zmtp_connect_with(
    int port, const char *socket_type, const void *properties, size_t properties_size);

/* Shakes hands over a connection that is there, as `socket_type`. */
void zmtp_shake_hands(int stream, const char *socket_type);

void write_fully(int socket, const void *bytes, size_t count);
void read_fully(int socket, void *bytes, size_t count);

/* Writes the header of a last frame with `body_size` bytes to `frame`; gives the header's size. */
size_t zmtp_put_header(unsigned char *frame, size_t body_size);

/* Writes a frame that subscribes to `topic`; gives its size, the topic's and at most ten more. */
size_t zmtp_put_subscription(unsigned char *frame, const char *topic);

#endif
