// A precompiled header needs a file that builds it.
