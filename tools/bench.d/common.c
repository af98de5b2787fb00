#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

void fail(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (code != 0)
        fprintf(stderr, ": %s", strerror(code));
    fputc('\n', stderr);
    exit(2);
}

static double seconds_of(clockid_t clock)
{
    struct timespec time;
    if (clock_gettime(clock, &time) != 0)
        fail(errno, "clock_gettime");
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

double monotonic_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

void sleep_milliseconds(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* The process's CPU clock counts nanoseconds; /proc/PID/stat only ticks of 10 ms. */
double process_cpu_seconds(pid_t process)
{
    clockid_t clock;
    int code = clock_getcpuclockid(process, &clock);
    if (code != 0)
        fail(code, "CPU clock of process %d", (int)process);
    return seconds_of(clock);
}

size_t process_memory_bytes(pid_t process, const char *field)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(errno, "%s", path);

    size_t kilobytes = 0, length = strlen(field);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, field, length) == 0 && line[length] == ':') {
            kilobytes = strtoul(line + length + 1, NULL, 10);
            break;
        }
    }
    fclose(file);
    return kilobytes * 1024;
}

long parse_number(const char *text, const char *name)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < 0)
        fail(0, "%s must be a number, not %s", name, text);
    return number;
}

void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail(errno, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail(errno, "setrlimit");
}
