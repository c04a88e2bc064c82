using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Postgres;

namespace NetworkProtocol.Hub;

/// <summary>Checks what the attributes of <see cref="HubOptions"/> cannot express.</summary>
internal sealed class HubOptionsValidator : IValidateOptions<HubOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, HubOptions options)
    {
        var keep = options.Retention;
        (string Name, TimeSpan Value)[] all =
        [
            (nameof(keep.Raw), keep.Raw), (nameof(keep.Minutes), keep.Minutes), (nameof(keep.Hours), keep.Hours),
            (nameof(keep.Days), keep.Days),
        ];
        string[] problems =
        [
            .. ProblemsOf(options.Forward, options.Store),
            .. ProblemsOfConnection(options),
            .. all.Where(one => one.Value > TimeSpan.Zero && one.Value < Shortest)
                .Select(one => $"{HubOptions.Section}:Retention:{one.Name} = {one.Value}: "
                    + $"must be {TimeSpan.Zero} (for ever), or {Shortest} or more"),
        ];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> ProblemsOf(HubForwardOptions forward, HubStoreKind store)
    {
        if (!forward.IsOn)
        {
            yield break;
        }

        const string Key = HubForwardOptions.Section;
        if (store == HubStoreKind.None)
        {
            yield return $"{Key}:Address = {forward.Address}: must be empty with {HubOptions.Section}:Store = {store}, "
                + "because only a hub can forward";
        }

        // The host's name, which is the default without a certificate, is another one on each node.
        if (store == HubStoreKind.PostgreSql && forward.Source.Length == 0 && forward.CertificatePath.Length == 0)
        {
            yield return $"{Key}:Source is missing: the nodes of a hub with the store {store} forward under one name; "
                + "give it to all of them, here or in their certificates";
        }

        if (!ServerAddress.TryParse(forward.Address, out _))
        {
            yield return $"{Key}:Address = {forward.Address}: must be host, host:port or [v6]:port";
        }

        if (forward.Source.Length > 0 && !SourceName.IsValid(forward.Source))
        {
            yield return $"{Key}:Source = {forward.Source}: must have at most {SourceName.MaxLength} characters and no control characters";
        }

        if (!Enum.IsDefined(forward.What))
        {
            yield return $"{Key}:What = {forward.What}: must be {ForwardWhat.Rollups}, {ForwardWhat.Messages} or {ForwardWhat.Both}";
        }
    }

    // No message repeats the text, which has a password in it.
    private static IEnumerable<string> ProblemsOfConnection(HubOptions options)
    {
        if (options.Store != HubStoreKind.PostgreSql)
        {
            yield break;
        }

        const string Name = $"{HubOptions.Section}:{nameof(HubOptions.ConnectionString)}";
        if (options.ConnectionString.Length == 0)
        {
            yield return $"{Name} is missing: the store PostgreSql needs it";
        }
        else if (PostgresSettings.ProblemOf(options.ConnectionString) is { } problem)
        {
            yield return $"{Name}: {problem}";
        }
    }
}
