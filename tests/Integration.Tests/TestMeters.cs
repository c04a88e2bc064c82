using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Integration.Tests;

/// <summary>Makes meters without a host.</summary>
internal static class TestMeters
{
    public static IMeterFactory Create() => new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
}
