using Microsoft.AspNetCore.Components;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>A column of a <see cref="DataTable{TRow}"/>.</summary>
/// <param name="Title">What stands above it.</param>
/// <param name="Sort">The key that the read model sorts by, or null.</param>
/// <param name="Cell">What stands in it.</param>
/// <param name="IsNumber">Whether it is aligned to the right.</param>
public sealed record TableColumn<TRow>(string Title, string? Sort, Func<TRow, RenderFragment> Cell, bool IsNumber = false);
