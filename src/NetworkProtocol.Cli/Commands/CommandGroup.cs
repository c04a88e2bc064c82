namespace NetworkProtocol.Cli.Commands;

/// <summary>The groups of commands, in the order in which <c>--help</c> lists them. Each has a folder.</summary>
internal enum CommandGroup
{
    /// <summary>Commands that talk to a server as its clients do.</summary>
    Requests,

    /// <summary>Commands that show and change a node, over its HTTP API.</summary>
    Node,

    /// <summary>Commands that show and change what an edge holds, over its HTTP API.</summary>
    Edge,

    /// <summary>Commands that show what a hub has stored, over its HTTP API.</summary>
    Hub,

    /// <summary>Commands that make secrets for a server's settings, and ask no server.</summary>
    Hashes,

    /// <summary>Commands that make and restore backups of the server on this machine.</summary>
    Backup,
}
