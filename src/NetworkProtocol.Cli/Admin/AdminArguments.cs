using System.CommandLine;
using System.Text.Json.Nodes;

namespace NetworkProtocol.Cli.Admin;

/// <summary>What every command asks that talks to the admin API, and how such a command runs.</summary>
internal sealed class AdminArguments
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
    private readonly Option<bool> _insecure = new("--insecure") { Description = "Accept ANY certificate for https: anyone on the network path can read the token" };
    private readonly Option<bool> _json = new("--json") { Description = "Print the API's JSON unchanged" };
    private readonly Option<TimeSpan?> _timeout = Durations.Option("--timeout", "For each request", TimeSpan.FromSeconds(10));

    /// <summary>Adds the options to a command and to those below it.</summary>
    public AdminArguments(Command command)
    {
        foreach (var option in new Option[] { _url, _token, _tokenFile, _ca, _insecure, _json, _timeout })
        {
            option.Recursive = true;
            command.Add(option);
        }
    }

    /// <summary>A command that does one thing and says what it did.</summary>
    public void SetAction(Command command, HttpMethod method, Func<ParseResult, string> path, Func<ParseResult, JsonObject?>? body = null) =>
        SetAction(command, async (client, printer, parsed, cancellationToken) =>
            printer.PrintOutcome(await client.SendAsync(method, path(parsed), body?.Invoke(parsed), cancellationToken)));

    /// <summary>A command that asks the server and prints; an error is one line and an exit code.</summary>
    public void SetAction(Command command, Func<AdminClient, Printer, ParseResult, CancellationToken, Task> work) =>
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, work, cancellationToken));

    private async Task<int> RunAsync(ParseResult parsed, Func<AdminClient, Printer, ParseResult, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            var target = CreateTarget(parsed);
            foreach (var warning in target.Warnings())
            {
                await Console.Error.WriteLineAsync(warning);
            }

            using var client = new AdminClient(target);
            await work(client, new Printer(parsed.GetValue(_json)), parsed, cancellationToken);
            return ExitCodes.Good;
        }
        catch (AdminException e)
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

    private AdminTarget CreateTarget(ParseResult parsed) => AdminTarget.Create(
        parsed.GetValue(_url)!, Token(parsed.GetValue(_token), parsed.GetValue(_tokenFile)),
        parsed.GetValue(_ca), parsed.GetValue(_insecure), parsed.GetValue(_timeout)!.Value);

    private static string? Token(string? token, string? file)
    {
        if (token is not null && file is not null)
        {
            throw AdminException.Usage("--token and --token-file exclude each other");
        }

        try
        {
            return token ?? (file is not null ? File.ReadAllText(file).Trim()
                : Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } variable ? variable.Trim() : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw AdminException.Usage($"--token-file {file}: {e.Message}");
        }
    }
}
