using NetworkProtocol.Admin;

namespace NetworkProtocol.Cli.Node;

/// <summary>Adds to a node's error what the user of netproto can do about it, and gives the error an exit code.</summary>
internal static class NodeErrors
{
    /// <summary>The error that ends the command.</summary>
    public static CommandException Of(NodeException error, NodeTarget target)
    {
        var text = Explain(error, target);
        return new CommandException(error.Kind == OutcomeKind.Invalid ? ExitCodes.Usage : ExitCodes.Failed, text, error);
    }

    private static string Explain(NodeException error, NodeTarget target) => error.Kind switch
    {
        OutcomeKind.NotSignedIn when target.Token is null => $"{target.Name} requires a token: set NETPROTO_TOKEN or --token-file",
        OutcomeKind.NotSignedIn =>
            $"{target.Name} does not accept the token: the token is wrong, revoked or expired; "
                + "an operator can create a new one in the console",
        OutcomeKind.NotAllowed => $"{error.Message} Set an operator's token: a viewer's cannot change anything.",
        OutcomeKind.NotTheApi => $"{error.Message}: check --url",
        OutcomeKind.Redirected => $"{error.Message}: if you trust the address, set it with --url",
        OutcomeKind.Untrusted => $"{error.Message} (--ca trusts an authority of your own)",
        _ => error.Message,
    };
}
