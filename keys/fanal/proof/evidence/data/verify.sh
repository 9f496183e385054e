#!/bin/bash
exit 7
