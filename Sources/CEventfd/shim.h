// Linux's event descriptors, which Swift's Glibc module leaves out.
#include <sys/eventfd.h>
