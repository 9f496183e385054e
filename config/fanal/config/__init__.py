# SPDX-License-Identifier: Apache-2.0
"""This agency: where its files lie (``home.Home``) and how its node runs (``settings.Settings``).

>>> home = Home.find(environ={"FANAL_HOME": "/srv/fanal/az-cus"})
>>> settings = load(home)          # one frozen object; settings.origins says where each value came from
"""
