namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>Times in order.</summary>
internal sealed class OrderedTimes
{
    private readonly TimeSpan[] _times;

    /// <summary>Sorts a copy of them.</summary>
    public OrderedTimes(ReadOnlySpan<TimeSpan> times)
    {
        _times = times.ToArray();
        Array.Sort(_times);
    }

    /// <summary>A percentile in milliseconds; 0 if there are no times.</summary>
    /// <param name="share">The share of the times, 0 to 1, that are not longer.</param>
    public double At(double share) => _times.Length == 0
        ? 0
        : _times[Math.Clamp((int)Math.Ceiling(share * _times.Length) - 1, 0, _times.Length - 1)].TotalMilliseconds;
}
