# SPDX-License-Identifier: Apache-2.0
PY := .venv/bin/python
proto:
	cd proto && ../$(PY) -m grpc_tools.protoc -I. --python_out=. --pyi_out=. fanal/v1/*.proto
	cd proto && ../$(PY) -m grpc_tools.protoc -I. --grpc_python_out=. fanal/v1/peer.proto fanal/v1/officer.proto
.PHONY: proto
