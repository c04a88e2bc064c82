using System.Globalization;

namespace NetworkProtocol.Client.Validation;

/// <summary>Collects the errors in options. Each error is one sentence with the key, the value and the allowed values.</summary>
internal readonly struct OptionsCheck(List<string> problems, string prefix)
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    /// <exception cref="ArgumentException">There is an error. The message has all of them.</exception>
    public static void ThrowIfBad(Action<OptionsCheck> check)
    {
        var problems = new List<string>();
        check(new OptionsCheck(problems, ""));
        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", problems));
        }
    }

    /// <summary>Runs the check of a nested options object, whose keys get this key before them.</summary>
    public void Part<T>(string key, T? part, Action<T, OptionsCheck> check)
        where T : class
    {
        True(key, part is not null, "must not be null");
        if (part is not null)
        {
            check(part, new OptionsCheck(problems, $"{prefix}{key}:"));
        }
    }

    public void True(string key, bool good, string problem)
    {
        if (!good)
        {
            problems.Add($"{prefix}{key} {problem}.");
        }
    }

    public void Range<T>(string key, T value, T least, T most)
        where T : IComparable<T> =>
        True(key, value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, string.Create(
            CultureInfo.InvariantCulture, $"= {value} is out of its range, {least} to {most}"));

    public void Timeout(string key, TimeSpan value, TimeSpan least)
    {
        if (value != System.Threading.Timeout.InfiniteTimeSpan)
        {
            True(key, value >= least && value <= LongestTimeout, string.Create(
                CultureInfo.InvariantCulture, $"= {value:c} is out of its range, {least:c} to {LongestTimeout:c}, or infinite"));
        }
    }

    public void Defined<T>(string key, T value)
        where T : struct, Enum =>
        True(key, Enum.IsDefined(value), $"= {value} is none of {string.Join(", ", Enum.GetNames<T>())}");
}
