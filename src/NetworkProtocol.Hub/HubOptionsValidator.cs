using Microsoft.Extensions.Options;
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
            .. all.Where(one => one.Value > TimeSpan.Zero && one.Value < Shortest)
                .Select(one => $"{HubOptions.Section}:Retention:{one.Name} = {one.Value}: "
                    + $"must be {TimeSpan.Zero} (for ever), or {Shortest} or more"),
            .. ProblemsOfConnection(options),
        ];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
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
