"""The memory tool of the `anthropic` SDK, with its files in a bank.

    from anthropic import Anthropic
    from memorybank import Bank
    from memorybank.serve.memory_tool import BankMemoryTool

    tool = BankMemoryTool(Bank.open())
    Anthropic().beta.messages.run_tools(..., tools=[tool])

The SDK is loaded when a tool is made, not by this import: it takes two seconds.
"""

from memorybank.serve.memory_tool.tools import AsyncBankMemoryTool, BankMemoryTool

__all__ = ["AsyncBankMemoryTool", "BankMemoryTool"]
