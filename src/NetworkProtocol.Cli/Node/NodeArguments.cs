using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Node;

/// <summary>The options of every command that talks to a node's API, and how such a command runs.</summary>
internal sealed class NodeArguments
{
    private const string UrlVariable = "NETPROTO_URL";
    private const string TokenVariable = "NETPROTO_TOKEN";
    private const string DefaultUrl = "http://localhost:8080";

    private readonly Option<string> _url = new("--url")
    {
        Description = $"The server's HTTP address; else ${UrlVariable}",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } url ? url : DefaultUrl,
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = $"The API token. Other users of this machine can see it here: ${TokenVariable} or --token-file is better",
    };

    private readonly Option<string?> _tokenFile = new("--token-file") { Description = "A file with the API token" };
    private readonly Option<string?> _ca = new("--ca") { Description = "PEM file with the authorities to trust, for https" };
    private readonly Option<bool> _insecure = new("--insecure")
    {
        Description = "Accept ANY certificate for https: anyone on the network path can read the token",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the API's JSON" };
    private readonly Option<TimeSpan?> _timeout = Durations.Option("--timeout", "For each request", TimeSpan.FromSeconds(10));

    /// <summary>Adds the options to a command and to its subcommands.</summary>
    public NodeArguments(Command command)
    {
        foreach (var option in new Option[] { _url, _token, _tokenFile, _ca, _insecure, _json, _timeout })
        {
            option.Recursive = true;
            command.Add(option);
        }
    }

    /// <summary>A command that changes one thing and prints the outcome.</summary>
    public void SetAction(Command command, Func<INodeActions, ParseResult, CancellationToken, Task<Outcome>> change) =>
        SetAction(command, async (node, printer, parsed, cancellationToken) =>
            printer.PrintOutcome(await change(node, parsed, cancellationToken)));

    /// <summary>A command that asks the node and prints; an error is one line and an exit code.</summary>
    public void SetAction(Command command, Func<HttpNode, Printer, ParseResult, CancellationToken, Task> work) =>
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, work, cancellationToken));

    private async Task<int> RunAsync(
        ParseResult parsed, Func<HttpNode, Printer, ParseResult, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            var target = CreateTarget(parsed);
            foreach (var warning in target.Warnings())
            {
                await Console.Error.WriteLineAsync(warning);
            }

            await RunAsync(target, node => work(node, new Printer(parsed.GetValue(_json)), parsed, cancellationToken));
            return ExitCodes.Good;
        }
        catch (CommandException e)
        {
            await Console.Error.WriteLineAsync($"netproto: {Printable.Of(e.Message)}");
            return e.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("netproto: cancelled");
            return ExitCodes.Failed;
        }
    }

    private static async Task RunAsync(NodeTarget target, Func<HttpNode, Task> work)
    {
        using var http = NodeHttpClient.Create(target);
        try
        {
            await work(new HttpNode(http));
        }
        catch (NodeException e)
        {
            throw NodeErrors.Of(e, target);
        }
    }

    private NodeTarget CreateTarget(ParseResult parsed) => NodeTarget.Create(
        parsed.GetValue(_url)!,
        Token(parsed.GetValue(_token), parsed.GetValue(_tokenFile)),
        parsed.GetValue(_ca),
        parsed.GetValue(_insecure),
        parsed.GetValue(_timeout)!.Value);

    private static string? Token(string? token, string? file)
    {
        if (token is not null && file is not null)
        {
            throw CommandException.Usage("--token and --token-file exclude each other");
        }

        try
        {
            return token
                ?? (file is not null ? File.ReadAllText(file).Trim()
                : Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } variable ? variable.Trim() : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandException.Usage($"--token-file {file}: {e.Message}");
        }
    }
}
