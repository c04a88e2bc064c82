using System.CommandLine;

namespace NetworkProtocol.Cli.Commands;

/// <summary>A command of netproto. A class that implements this interface is a command: <see cref="AllCommands"/> finds it.</summary>
internal interface INetprotoCommand
{
    /// <summary>Where <c>--help</c> lists the command; within a group the name decides.</summary>
    CommandGroup Group { get; }

    /// <summary>Makes the command with its arguments, options and action.</summary>
    Command Create();
}
