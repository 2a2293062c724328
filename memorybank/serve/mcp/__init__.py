"""The MCP server `bank mcp`: JSON-RPC over standard input and output, for agents' programs."""
