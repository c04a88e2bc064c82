using System.Globalization;

namespace Integration.Tests.Operations;

/// <summary>A server's <c>/metrics</c>.</summary>
internal static class MetricsPage
{
    /// <summary>The value of one series, as the page writes it.</summary>
    public static async Task<double> ValueAsync(this ServerProcess server, string series)
    {
        using var http = new HttpClient { BaseAddress = server.Http };
        var lines = (await http.GetStringAsync("/metrics")).Split('\n');
        var line = lines.Single(line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture);
    }
}
